/**
 * `!fltkd.filters`, `!fltkd.frames`, `!fltkd.filter`, `!fltkd.volumes` and `!fltkd.volume`: minifilters as the Filter Manager has
 * them. https://learn.microsoft.com/windows-hardware/drivers/ifs/development-and-testing-tools
 *
 *     Filter List: fffffa8003e690c0 "Frame 0"
 *        FLT_FILTER: fffffa800433e010 "example" "328000"
 *           FLT_INSTANCE: fffffa8004432c60 "example Instance" "328000"
 *
 *     Frame List: fffff88001ab7380
 *        FLTP_FRAME: fffff98020692ac0 "Frame 1" "41111111.1 to 271111111.1"
 *           FLT_FILTER: fffff9801e04eac0 "example" "328000"
 *
 *     Volume List: fffffa8003e690c0 "Frame 0"
 *        FLT_VOLUME: fffffa8004432c60 "\Device\HarddiskVolume2"
 *           FLT_INSTANCE: fffffa8004346c60 "example Instance" "328000"
 *
 * Volumes name instances only: what a filter calls its instances is then taken for its name.
 */
import type { Command, Reader, Taken } from './command.js';
import { Filters } from './filters.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS } from './values.js';

const TYPED = new Set(['!filters', '!frames', '!filter', '!volumes', '!volume', '!instance']);

const LIST = new RegExp(`^(?:Filter|Frame|Volume) List:?\\s{0,9}${ADDRESS}(?:\\s{1,9}"Frame (\\d{1,4})")?`, 'i');
const FRAME = new RegExp(`^FLTP_FRAME: ${ADDRESS}\\s{1,9}"Frame (\\d{1,4})"`, 'i');
// `Frame                    : fffffa8003e69010 "Frame 0"`, in the details of a filter or a volume
const OF_FRAME = new RegExp(`^Frame\\s{1,40}:\\s{1,9}${ADDRESS}\\s{1,9}"Frame (\\d{1,4})"`, 'i');
const OBJECT = new RegExp(
  `^(FLT_FILTER|FLT_INSTANCE): ${ADDRESS}\\s{1,9}"([^"]{0,200})"\\s{1,9}"(\\d{1,10}(?:\\.\\d{1,20})?)"`,
  'i',
);
const VOLUME = new RegExp(`^FLT_VOLUME: ${ADDRESS}\\s{1,9}"`, 'i');
// `FLT_OBJECT: fffffa800433e010  [02000000] Filter`, `Flags                    : [00000002] FilteringInitiated`
const DETAIL = /^(?:FLT_OBJECT:|[A-Z]\w{1,30}\s{0,40}:)\s/;
const INSTANCE_SUFFIX = /\s{1,9}Instance(?:\s\d{1,3})?$/i;

export const fltkd: Command = {
  name: '!fltkd',
  isTyped: ({ name }) => TYPED.has(name),
  begins: ({ trimmed }) => {
    // `F` or `V`
    const first = trimmed.charCodeAt(0);
    if (first !== 70 && first !== 86) return false;
    return LIST.test(trimmed) || FRAME.test(trimmed) || OBJECT.test(trimmed) || VOLUME.test(trimmed);
  },
  read: (log, typed) => new Fltkd(log, typed !== null),
};

class Fltkd implements Reader {
  /** Frame of what follows, where said; systems without legacy filters have one only, 0. */
  #frame = 0;
  /** Lists of filters name them; of others only instances are known. */
  #hasFilters = false;
  /** Details of one filter, no list of all. */
  #isOfOne = false;
  /** The filter whose instances follow. */
  #filter: { name: string; altitude: string } | null = null;
  /** A filter whose details follow: its frame stands behind it. */
  #held: { name: string; altitude: string; line: KdLine; lines: number } | null = null;
  readonly #filters = new Filters();

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const list = LIST.exec(trimmed) ?? FRAME.exec(trimmed);
    if (list !== null) return this.#inFrame(list[1]);
    const ofFrame = OF_FRAME.exec(trimmed);
    if (ofFrame !== null) {
      this.#frame = Number(ofFrame[1]);
      this.#isOfOne = true;
      return 'ignored';
    }
    const object = OBJECT.exec(trimmed);
    if (object !== null) return this.#object(line, object[1].toUpperCase(), object[2], object[3]);
    if (VOLUME.test(trimmed)) return this.#volume();
    if (DETAIL.test(trimmed)) {
      this.#isOfOne = true;
      return 'ignored';
    }
    return this.isTyped ? 'unread' : 'over';
  }

  end(): void {
    this.#close();
    const list = this.#hasFilters && !this.#isOfOne ? 'minifilters' : 'instances';
    this.#filters.write(this.log, list, this.#hasFilters ? 'as listed' : 'by altitude');
  }

  #inFrame(frame: string | undefined): Taken {
    this.#close();
    this.#filter = null;
    if (frame !== undefined) this.#frame = Number(frame);
    return 'ignored';
  }

  #volume(): Taken {
    this.#close();
    this.#filter = null;
    return 'ignored';
  }

  #object(line: KdLine, kind: string, name: string, altitude: string): Taken {
    if (kind === 'FLT_FILTER') {
      this.#close();
      this.#hasFilters = true;
      this.#filter = { name, altitude };
      this.#held = { name, altitude, line, lines: 1 };
      return 'held';
    }
    this.#close();
    // Instances of a filter may have other altitudes than the filter itself.
    if (this.#filter !== null) this.#add(this.#filter.name, this.#filter.altitude, 1, line);
    else this.#add(name.replace(INSTANCE_SUFFIX, ''), altitude, 1, line);
    return 'held';
  }

  /** A filter is added when its frame is known. */
  #close(): void {
    if (this.#held === null) return;
    const { name, altitude, line } = this.#held;
    this.#held = null;
    this.#add(name, altitude, 0, line);
  }

  #add(name: string, altitude: string, instances: number, line: KdLine): void {
    this.#filters.add({ name, altitude, frame: this.#frame, isLegacy: false }, instances, line);
  }
}
