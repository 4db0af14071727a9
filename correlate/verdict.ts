/** The answer in a paragraph, and whether the evidence carries one. */
import type { Case } from './case.js';
import type { Cause, Verdict } from './result.js';

/** Below this a cause is no more than a name that came up. */
const WORTH_NAMING = 20;

export function verdictOf(causes: readonly Cause[], { line, boot }: Case): Verdict {
  const [first, second] = causes;
  const about =
    boot.isSame === false
      ? ' The trace is of another boot than the dump: it may show a habit of the machine, not this incident.'
      : '';
  if (first === undefined) {
    return {
      statement: `Insufficient evidence: neither side shows anything that explains the other.${about}${line.origin < 0 ? ' There is no trace.' : ''}`,
      cause: null,
      confidence: null,
    };
  }
  const rival = rivalText(first, second);
  if (first.confidence === 'low') {
    const best =
      first.score < WORTH_NAMING
        ? 'Nothing that was found comes near a cause; what there is stands below.'
        : `The best of what there is, with low confidence: ${first.statement} ${limitText(first)}`;
    return {
      statement: `Insufficient evidence. ${best}${rival}${about}`.trim(),
      cause: null,
      confidence: null,
    };
  }
  return {
    statement: `${first.statement} Confidence: ${first.confidence}${first.confidence === 'high' ? '' : `, because ${first.limits[0] ?? 'the points do not come to more'}`}.${rival}${about}`,
    cause: 1,
    confidence: first.confidence,
  };
}

const limitText = ({ limits }: Cause): string => (limits.length === 0 ? '' : `Not more, because ${limits[0]}.`);

function rivalText(first: Cause, second: Cause | undefined): string {
  if (second === undefined || second.confidence === 'low') return '';
  return second.question === first.question
    ? ` A competing cause is below: ${second.culprit.module ?? second.culprit.process ?? second.culprit.resource ?? second.cause}.`
    : ' There is more than one thing wrong: see the causes below.';
}
