/** Binary files that people take for event logs, by their first bytes. */
interface Lookalike {
  readonly at: number;
  readonly magic: string;
  readonly what: string;
}

const LOOKALIKES: readonly Lookalike[] = [
  {
    at: 0,
    magic: 'ElfFile\0',
    what: 'is an event log of Event Viewer (.evtx), not a trace. Export it as text: wevtutil qe /lf:true /f:text FILE',
  },
  { at: 4, magic: 'LfLe', what: 'is an event log of Windows XP (.evt), not a trace.' },
  // FastSerialization: a length, then the name of the format.
  {
    at: 4,
    magic: '!FastSerialization.1',
    what: 'is a PerfView TraceLog (.etlx), made from an .etl: give the .etl itself.',
  },
  { at: 0, magic: 'Nettrace', what: 'is a trace of the .NET event pipe (.nettrace), not an ETW log.' },
  {
    at: 0,
    magic: '\xc1\x1f\xfc\xc1',
    what: 'is a stream of the Common Trace Format (CTF, of LTTng or babeltrace), not an ETW log.',
  },
  { at: 0, magic: '\xc1\xfc\x1f\xc1', what: 'is a stream of the Common Trace Format (CTF), not an ETW log.' },
  { at: 0, magic: '\x75\xd1\x1d\x57', what: 'is the metadata of a Common Trace Format (CTF) trace, not an ETW log.' },
  { at: 0, magic: 'PERFILE2', what: 'is a perf.data file of Linux, not an ETW log.' },
  {
    at: 0,
    magic: 'PAGEDU64',
    what: 'is a memory dump of the kernel: open it in WinDbg and give the log of the session.',
  },
  {
    at: 0,
    magic: 'PAGEDUMP',
    what: 'is a memory dump of the kernel: open it in WinDbg and give the log of the session.',
  },
  { at: 0, magic: 'MDMP', what: 'is a minidump of a process: open it in WinDbg and give the log of the session.' },
  { at: 0, magic: 'MSCF', what: 'is a cabinet (.cab): unpack it first.' },
  { at: 0, magic: '7z\xbc\xaf\x27\x1c', what: 'is a 7-Zip archive: unpack it first.' },
  { at: 0, magic: '\x28\xb5\x2f\xfd', what: 'is compressed with Zstandard: unpack it first.' },
  { at: 0, magic: '\xfd7zXZ\0', what: 'is compressed with xz: unpack it first.' },
];

/** What a binary file is instead of a log; null where that is not known either. */
export function lookalike(bytes: Buffer): string | null {
  for (const { at, magic, what } of LOOKALIKES) {
    if (bytes.toString('latin1', at, at + magic.length) === magic) return what;
  }
  if (bytes.length >= 512 && bytes.every((byte) => byte === 0)) {
    return 'begins with zeros only: the log was never written, or its copy is damaged.';
  }
  return isBperf(bytes)
    ? 'looks like a BPerf trace log (.btl), which is another format: convert it with PerfView.'
    : null;
}

/** Chunks of BPerf have no mark: packed length, unpacked length (a multiple of 16), data, again and again. */
function isBperf(bytes: Buffer): boolean {
  let at = 0;
  for (let chunks = 0; chunks < 4; chunks++) {
    if (at === bytes.length && chunks > 0) return true;
    if (at + 8 > bytes.length) return chunks > 0;
    const packed = bytes.readUInt32LE(at);
    const unpacked = bytes.readUInt32LE(at + 4);
    if (packed === 0 || packed > unpacked || unpacked > 1 << 26 || unpacked % 16 !== 0) return false;
    at += 8 + packed;
  }
  return true;
}
