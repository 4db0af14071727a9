import { defineTable, dict, f64, i32, u64, utf8 } from '../core/schema.js';

/** Tables of the system as a debugger prints it. */
export const dumpFact = defineTable(
  'dump_fact',
  'One row per statement about the system that has no table of its own.',
  {
    subject: dict(
      'What it is about: `bugcheck`, `analyze`, `system`, `logger 2`, `miniport 0x…`, `nbls`, `chkimg user32`, …',
    ),
    name: dict('What is said of it: `code`, `arg1`, `PROCESS_NAME`, `uptimeMs`, …'),
    value: utf8('Value, as printed.'),
    number: f64('Value as a number, where it is one.'),
  },
);

export const dumpQuality = defineTable('dump_quality', 'One row per line that tells how far the dump can be trusted.', {
  flag: dict(
    '`truncated`, `unreadable-cpu`, `live`, `mini-dump`, `kernel-dump`, `active-dump`, `complete-dump`, `user-dump`, `incomplete`, `directory-base-mismatch`, `symbols-wrong` (of the kernel), `symbols-missing` (of others), `image-missing`, `memory-unreadable`, `user-memory-not-decoded`.',
  ),
  text: utf8('The line.'),
});

export const dumpProcessor = defineTable(
  'dump_processor',
  'One row per processor that a debugger prints, each time it does.',
  {
    command: dict('`!running`, `!pcr`, `!prcb`, `!irql`.'),
    cpu: i32('Processor.'),
    prcb: u64('PRCB.'),
    current: u64('Current thread.'),
    next: u64('Next thread; null for none.'),
    idle: u64('Idle thread; null where not printed.'),
    currentPriority: f64('Priority of the current thread, where printed.'),
    nextPriority: f64('Priority of the next thread, where printed.'),
    irql: dict('IRQL as printed.'),
    stack: i32('Number of the stack in `call_stack`, where printed.'),
    isUnreadable: i32('1 where the debugger could not read it.'),
  },
);

export const dumpDpc = defineTable('dump_dpc', 'One row per queued DPC.', {
  command: dict('`!dpcs`, `!pcr` or `!dpcwatchdog`.'),
  cpu: i32('Processor.'),
  type: dict('`Normal` or `Threaded`; null where not printed.'),
  kdpc: u64('The DPC object.'),
  address: u64('Its routine.'),
  routine: dict('The routine, as printed; null where it has no symbol.'),
});

export const dumpModule = defineTable('dump_module', 'One row per module that a debugger prints, each time it does.', {
  name: dict('Module name.'),
  base: u64('First address.'),
  end: u64('First address behind it.'),
  isUnloaded: i32('1 in the list of unloaded modules.'),
  image: dict('Image name: `AppA.exe`.'),
  path: utf8('Image path.'),
  timestampSeconds: f64('Time stamp of the header, since 1970.', 's'),
  fileVersion: dict('File version.'),
  productVersion: dict('Product version.'),
  company: dict('Company name.'),
});

export const dumpString = defineTable(
  'dump_string',
  'One row per text that was shown from memory (`da`, `du`, `dS`).',
  {
    address: u64('Where it lies.'),
    text: utf8('The text.'),
  },
);

export const dumpMemorySymbol = defineTable(
  'dump_memory_symbol',
  'One row per symbol in raw memory (`dps`, `dds`, `dqs`).',
  {
    address: u64('Where it lies.'),
    value: u64('The value that the symbol was found for.'),
    symbol: dict('The symbol.'),
  },
);

export const dumpJump = defineTable(
  'dump_jump',
  'One row per unconditional jump at the beginning of a disassembly (`u`).',
  {
    address: u64('Where the jump lies.'),
    symbol: dict('Routine that begins there, as printed above it; null where none is.'),
    offset: f64('Bytes from the beginning of the disassembly.', 'bytes'),
    target: u64('Where it goes.'),
    targetSymbol: dict('Routine that it goes to; null where none is printed.'),
  },
);

export const dumpImageError = defineTable(
  'dump_image_error',
  'One row per range in which code differs from its file (`!chkimg`).',
  {
    module: dict('Module.'),
    symbol: dict('Routine, as printed.'),
    address: u64('First address that differs.'),
    bytes: f64('Bytes that differ.', 'bytes'),
    expected: dict('Bytes of the file, as printed.'),
    found: dict('Bytes in memory, as printed.'),
  },
);

export const dumpFilter = defineTable(
  'dump_filter',
  'One row per file system filter, from the top, as fltmc and !fltkd print it.',
  {
    run: i32('Number of the output in its source, from 1.'),
    list: dict('What the output lists: `all` filters, `minifilters`, or `instances` of some.'),
    name: dict('Filter.'),
    instances: f64('Instances; null for legacy filters.'),
    altitude: dict('Altitude, as printed.'),
    frame: f64('Frame; null for legacy filters.'),
    isLegacy: i32('1 for a legacy filter.'),
  },
);

export const dumpDesktop = defineTable('dump_desktop', 'One row per desktop that !dskheap prints.', {
  run: i32('Number of the output in its source, from 1.'),
  name: dict('Window station and desktop; null for one that could not be read.'),
  address: u64('Desktop object, of one that could not be read.'),
  heapKb: f64('Heap size.', 'KB'),
  usedPercent: f64('Used rate.', '%'),
  sessionId: f64('Session.'),
});

export const dumpNbl = defineTable('dump_nbl', 'One row per pending NET_BUFFER_LIST.', {
  run: i32('Number of the output in its source, from 1.'),
  nbl: u64('The NET_BUFFER_LIST.'),
  holder: u64('Who holds it.'),
  holderName: dict('Name of the holder.'),
  holderKind: dict('`Miniport`, `Filter`, `Open`, `NetAdapter`, as printed.'),
});
