import { defineTable, dict, f64, i32, u64, utf8 } from '../core/schema.js';

/** Tables of I/O as a debugger prints it. */
export const dumpIrp = defineTable('dump_irp', 'One row per IRP that a debugger prints, each time it does.', {
  command: dict('`!irp`, `!irpfind`, `!processirps`, `!poaction`.'),
  address: u64('The IRP.'),
  thread: u64('Its thread; null where it has none.'),
  process: u64('Its process, where printed.'),
  hasThread: i32('1 where the thread printed is not 0, 0 where it is; null where no thread is printed.'),
  state: dict('`active`, `completed` or `free`, as far as printed.'),
  stacks: f64('Stack locations.'),
  current: f64('Current location.'),
  major: f64('Major function of the current location.'),
  minor: f64('Minor function.'),
  device: u64('Device of the current location.'),
  driver: dict('Driver of that device.'),
  pdo: u64('Physical device object of its stack, where printed (`!poaction`).'),
  file: u64('File object.'),
  mdl: u64('MDL.'),
});

export const dumpIrpStack = defineTable('dump_irp_stack', 'One row per stack location of an IRP printed by !irp.', {
  irp: u64('The IRP.'),
  location: i32('Number of the location, from 1 as printed from the top.'),
  isCurrent: i32('1 for the current one.'),
  major: f64('Major function.'),
  minor: f64('Minor function.'),
  flags: f64('Flags.'),
  control: f64(
    'Control byte; low nibble 1 = pending, 2 = error; high nibble: completion routine is called on 2 cancel, 4 success, 8 error.',
  ),
  device: u64('Device.'),
  driver: dict('Its driver.'),
  file: u64('File object.'),
  completion: dict('Completion routine.'),
  context: u64('Its context.'),
  words: dict('What the debugger prints behind it: `Success Error Cancel pending`.'),
  args: dict('Arguments, as printed.'),
});

export const dumpDevice = defineTable('dump_device', 'One row per device object that a debugger prints.', {
  command: dict('`!devobj`, `!devstack`, `!devnode`, `!drvobj`.'),
  address: u64('The device object.'),
  driver: dict('Its driver: `\\Driver\\Disk`.'),
  name: dict('Its name.'),
  stack: f64('Number of the device stack in the source (!devstack), from 1.'),
  position: f64('Place in that stack, from 1 at the top.'),
  upper: u64('Device attached above it.'),
  upperDriver: dict('Its driver.'),
  lower: u64('Device that it is attached to.'),
  lowerDriver: dict('Its driver.'),
  instance: utf8('Device instance.'),
  service: dict('Service name.'),
  state: dict('State of its device node, as printed: `DeviceNodeStarted`.'),
});

export const dumpFile = defineTable('dump_file', 'One row per file object that a debugger prints.', {
  address: u64('The file object, as asked for; null where not known.'),
  name: utf8('File name.'),
  device: u64('Device object.'),
  driver: dict('Its driver.'),
});
