/** Every rule by which a cause gains or loses points, with how many; docs/correlate.md shows this list. */

interface Rule {
  /** As printed in the documentation: what the code gives. */
  readonly points: string;
  readonly when: string;
}

const rule = (points: string, when: string): Rule => ({ points, when });

export const RULES = {
  // DPC watchdog, a single DPC or ISR.
  'on-crashing-stack': rule('+50', 'its DPC or ISR alone ran on the processor that crashed'),
  'maybe-on-crashing-stack': rule('+25', 'it is on that stack, but the stack leaves open who took the time'),
  'stall-loop': rule('+15', 'its code, disassembled in the log, stalls the processor for so long'),
  'beside-on-stack': rule('+12', 'it is on the stack above or below what ran'),
  'only-queued': rule('-10', 'its DPC waits in the queue of the processor'),
  'not-on-stack': rule('-25, -10 where the stack is not sure', 'the stack names another driver'),
  'long-before': rule(
    '+25, +20, +12, +6',
    'the trace holds a run of it of a tenth of what the watchdog allows, of 10 ms, of 1 ms, of 100 µs',
  ),
  'long-before-in-framework': rule('as `long-before`', 'a framework was seen to run so long for it'),
  'always-short': rule('-20', 'all of 100 runs and more in the trace are below 100 µs'),
  'never-in-trace': rule('-10', 'the trace holds DPCs and ISRs, but none of it'),
  'same-routine': rule('+10', 'the routine on the stack is the one that ran long in the trace'),
  growing: rule('+8', 'its longest runs of each second have doubled in the second half of the trace'),
  'long-just-before': rule('+12', 'it ran 1 ms and more on that processor in the 30 s before the dump'),
  'another-ran-longer': rule('-12', 'another driver ran five times as long, and 10 ms at least'),
  // DPC watchdog, cumulative.
  'held-the-processor': rule(
    '+50, +35, +20, +8',
    'it took 50, 25, 10, 3 % of the processor that crashed in the watchdog period',
  ),
  'held-the-processor-at-another-time': rule(
    'a third of it',
    'the same, in the worst part of a trace that holds nothing of that period',
  ),
  'most-of-all': rule('+12', '70 % of the time in DPCs and ISRs there is its own'),
  'less-than-others': rule('-12', 'less than 30 % of it is'),
  'whole-period': rule('+10', 'the trace holds 80 % of the watchdog period'),
  interrupts: rule('+3', 'more than half of it are ISRs'),
  'running-at-the-crash': rule('+15', 'it ran when the watchdog noticed, too'),
  'queued-again': rule('+8', 'more of its DPCs wait in the queue of the processor'),
  'another-was-running': rule('-3', 'another driver ran when the watchdog noticed'),
  'one-processor-takes-all': rule('+5', '80 % of its time is on one of several processors'),
  'processor-was-calm': rule('-30', 'all DPCs and ISRs together took less than 10 % of that processor'),
  'was-running': rule('+10', 'it ran when the watchdog noticed, and the trace tells nothing'),
  'period-not-recorded': rule('0', 'the trace holds nothing of the period'),
  // Pool.
  'top-tag-of-the-dump': rule('+25, +18, +10, +4', 'the tag has 50, 20, 5, 3 % of the pool in the dump'),
  'allocations-failed': rule('+5', 'allocations had failed by the dump'),
  'leaks-in-trace': rule('+25, +20, +10', 'verdict `leak` of the trace with high, medium, low confidence'),
  'grows-in-trace': rule('+10', 'verdict `growing`'),
  'freed-in-trace': rule('-25', 'verdict `steady` or `transient`'),
  'not-in-trace': rule('-8', 'the trace holds allocations, but none of the tag'),
  'growth-explains-the-total': rule('+20', 'growth × uptime is 50 to 160 % of the bytes in the dump'),
  'growth-is-of-that-size': rule('+8', 'it is 20 to 300 %'),
  'growth-does-not-fit': rule('-8', 'it is something else'),
  'same-blocks': rule(
    '+25, +12 of few',
    'blocks that the debugger lists are outstanding in the trace at the same addresses',
  ),
  'blocks-freed-in-trace': rule('-25', 'more of them were freed in the trace'),
  'allocates-most': rule('+12, +8', '80, 50 % of what is outstanding is from its stacks, which grow'),
  'allocates-less-than-half': rule('-10', 'less than half is'),
  'allocates-some': rule('-10', 'its stacks do not grow'),
  'no-stacks': rule('-5', 'no stack was recorded'),
  'same-caller': rule(
    '+18; without a trace +32 of Driver Verifier, +15',
    'the debugger lists blocks that it allocated',
  ),
  'another-caller': rule('-18', 'the debugger lists blocks that another driver allocated'),
  'same-breakpoint-stack': rule('+12; without a trace +25', 'a breakpoint on the tag was hit in it'),
  'tag-in-its-code': rule('+12', 'the tag was found in its code or data'),
  // Waits.
  'holds-up-others': rule('+12; 3 waiters +16, 10 +20, none known +3', 'threads wait for it, each wait certain'),
  'may-hold-up-others': rule('+6; 3 waiters +10, 10 +14', 'threads wait for it, as far as can be inferred'),
  'server-in-the-dump': rule('+24', 'it waits for a server that the dump names'),
  'request-in-the-dump': rule('+10', 'it waits for a request that is at a driver'),
  'earlier-blocker': rule('-3', 'another thread waits longer and is not on the chain'),
  'same-thread': rule('+25', 'the thread itself says the message'),
  'same-process': rule('+12', 'its process says it'),
  'same-module': rule('+18', 'the message comes from a module of its stack'),
  'same-component': rule('+18', 'a name in its stack and the message share a phrase, or two words that are not common'),
  'same-word': rule('+8', 'they share one such word'),
  'another-process': rule('-12; -6 where only the numbers differ', 'other processes say it'),
  'thread-not-in-trace': rule('-4', 'the thread is not among those that say it'),
  'no-tie': rule('-15', 'nothing but the rhythm ties the message to it'),
  'same-rhythm': rule(
    '+20; +10 of a rhythm with low confidence',
    'the message comes as often as the thread sleeps: 90 to 135 % of its Sleep',
  ),
  'shorter-than-the-sleep': rule('-8; -4 of a rhythm with low confidence', 'the period is shorter than the sleep'),
  'rhythm-differs': rule('-12', 'the message has another rhythm'),
  'rhythm-without-sleep': rule('+4', 'it has a rhythm, and how long the thread sleeps is not known'),
  'goes-on-since-the-wait': rule('+8', 'it came from before the longest wait to the end of the trace'),
  'at-the-time-of-the-wait': rule('+4; +18 of disk events', 'it came when the wait began'),
  'during-the-wait': rule('+10', 'disk events came during the wait'),
  'ended-before-the-wait': rule('-12; -15 of disk events', 'the last came before the wait'),
  'is-an-error': rule('+6, +4 of a warning', 'it is one'),
  'retry-loop': rule('+8', 'it counts attempts or speaks of waiting, and the thread sleeps'),
  'its-driver-reports': rule('+30', 'the driver that has the request, or a module of the stack, logged disk events'),
  'storage-reports': rule('+18', 'disk events were logged, and the thread waits for storage'),
  'server-fails-in-trace': rule('+25', 'an error of the trace names the server that it waits for'),
  'server-in-trace': rule('+6', 'the trace names it'),
  'server-not-in-trace': rule('-3', 'it does not'),
  'silent-since-the-wait': rule(
    '+14; +8 where only the number of the thread is the same',
    'its last message came within 5 s before its wait began',
  ),
  'said-something-in-the-wait': rule('-25', 'it said something after its wait is said to have begun'),
  'switched-out-at-the-wait': rule('+20', 'it was last switched out when its wait began'),
  'ran-in-the-wait': rule('-25', 'it ran after that'),
  'used-to-be-readied-by': rule('+4', 'another thread used to make it ready'),
  'never-finished': rule('+8', 'something that it began in the trace never ended'),
  'unanswered-message': rule('+12', 'at the end of the trace it waits for the reply to a message of ALPC'),
  'all-processors-taken': rule('+15', 'it is ready, and all processors have other work'),
  'processors-idle': rule('-20', 'it is ready, and all processors that the log shows are idle'),
  'processor-taken-by-dpcs': rule('+25', 'DPCs and ISRs took 30 % and more of its processor'),
  // Deadlocks.
  'ring-of-waits': rule('+60', 'threads wait for each other in a ring, each wait certain'),
  'inferred-ring': rule('+30', 'one of the waits is inferred'),
  'ring-may-end': rule('-15', 'a member waits for other objects as well'),
  // Processes and memory.
  'many-children': rule('+30; +18 where only possible', 'pattern Process Factory of the dump'),
  'many-handles': rule('+30; +18 where only possible', 'pattern Handle Leak of the dump'),
  'dump-against': rule('-5', 'the dump holds something that speaks against it'),
  'starts-processes-in-trace': rule('+30; +15 where most of them end', 'it started processes in the trace'),
  'most-starts-are-its-own': rule('+10', 'half of all starts are its own'),
  'not-the-parent-in-trace': rule('-12', 'others started the processes of the trace'),
  'no-starts-in-trace': rule('-8', 'no process of the trace started in it'),
  'says-that-it-starts-them': rule('+30', 'its messages name the image of its children again and again'),
  'limit-reached': rule('+25; +12 where only possible', 'pattern Insufficient Memory of the dump'),
  'largest-commit': rule('+8', 'a process has the largest part of what is committed'),
  'counter-grew': rule('+20', 'a counter of it grew in the trace'),
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof RULES;
