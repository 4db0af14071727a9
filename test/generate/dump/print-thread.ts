/** THREAD blocks and stacks. */
import { codeAddress, isWide } from './machine.js';
import { cidOf, cpuTime, field, hex, type Layout, ptr, symbolText, ticked, waitTime } from './text.js';
import type { DumpFrame, DumpMessage, DumpThread, WaitObject } from './truth.js';

/** The whole block, as `!thread` and `!process` print it; in a list of processes it is indented by 8. */
export function threadBlock(layout: Layout, thread: DumpThread, indent = ''): string[] {
  const lines = [
    headLine(layout, thread),
    ...thread.waitObjects.map((object) => waitObjectLine(layout, object)),
    ...messageLines(layout, thread),
    ...irpLines(layout, thread),
    ...bodyLines(layout, thread),
    ...stackLines(layout, thread.frames, layout.hasArgs),
  ];
  return lines.map((line) => indent + line);
}

export function headLine(layout: Layout, thread: DumpThread): string {
  const { address, teb, win32Thread } = thread;
  const ids = `THREAD ${ptr(layout, address)}  Cid ${cidOf(thread)}  Teb: ${ptr(layout, teb)}`;
  return `${ids} Win32Thread: ${ptr(layout, win32Thread)} ${stateText(layout, thread)}`;
}

function stateText({ truth }: Layout, { state, processor, waitReason, waitMode, isAlertable }: DumpThread): string {
  if (state === 'RUNNING') return `RUNNING on processor ${hex(processor ?? 0)}`;
  if (state === 'READY') return isWide(truth.generation) ? `READY on processor ${hex(processor ?? 0)}` : 'READY';
  if (state === 'TERMINATED') return state;
  // The extension of the time did not know the reasons of Server 2003.
  const reason = truth.generation === '2003' ? 'Unknown' : waitReason;
  return `WAIT: (${reason}) ${waitMode} ${isAlertable ? 'Alertable' : 'Non-Alertable'}`;
}

function waitObjectLine(layout: Layout, { address, type, owner }: WaitObject): string {
  return `    ${ptr(layout, address)}  ${type}${owner === null ? '' : ` ${ptr(layout, owner)}`}`;
}

function messageLines(layout: Layout, { address }: DumpThread): string[] {
  const message = layout.truth.messages.find(({ client }) => client === address);
  if (message === undefined) return [];
  if (message.kind === 'alpc') return [alpcLine(layout, message)];
  return [
    `Waiting for reply to LPC MessageId ${hex(message.id, 8)}:`,
    `Current LPC port ${ptr(layout, message.clientPort)}`,
  ];
}

const alpcLine = (layout: Layout, { address, connectionPort, serverProcess }: DumpMessage): string =>
  `Waiting for reply to ALPC Message ${ptr(layout, address ?? 0n)} : queued at port ${ptr(layout, connectionPort)} : owned by process ${ptr(layout, serverProcess)}`;

function irpLines(layout: Layout, { irps }: DumpThread): string[] {
  if (irps.length === 0) return [];
  const size = isWide(layout.truth.generation) ? '0310' : '0094';
  return ['IRP List:', ...irps.map((irp) => `    ${ptr(layout, irp)}: (0006,${size}) Flags: 00060000  Mdl: 00000000`)];
}

function bodyLines(layout: Layout, thread: DumpThread): string[] {
  const { truth, hidesOwners } = layout;
  const owner = ptr(layout, thread.process);
  const owning = hidesOwners ? `0       Image:         <Unknown>` : `${owner}       Image:         ${thread.image}`;
  const attached = hidesOwners ? `${owner}       Image:         ${thread.image}` : 'N/A            Image:         N/A';
  return [
    'Not impersonating',
    field('DeviceMap', ptr(layout, isWide(truth.generation) ? 0xffffc00019113080n : 0xe1003170n)),
    field('Owning Process', owning),
    field('Attached Process', attached),
    field('Wait Start TickCount', waitText(layout, thread)),
    field('Context Switch Count', switchText(layout, thread)),
    field('UserTime', cpuTime(thread.userMs)),
    field('KernelTime', cpuTime(thread.kernelMs)),
    ...startLines(layout, thread),
    ...boundLines(layout, thread),
    ...(thread.isResident ? [] : ['Kernel stack not resident.']),
  ];
}

function waitText({ truth }: Layout, { waitStartTicks, waitTicks }: DumpThread): string {
  const start = String(waitStartTicks ?? 0);
  if (waitTicks === null) return start.padEnd(12);
  const time = waitTicks === 0 ? '' : ` (${waitTime(waitTicks * truth.tickMs)})`;
  return `${start.padEnd(15)}Ticks: ${waitTicks}${time}`;
}

function switchText({ truth }: Layout, { contextSwitches, win32Thread, address }: DumpThread): string {
  if (isWide(truth.generation)) {
    const ideal = Number(BigInt(address) >> 6n) % truth.cpus;
    return `${String(contextSwitches).padEnd(15)}IdealProcessor: ${ideal}             `;
  }
  return `${contextSwitches}${win32Thread === 0n ? '            ' : '                 LargeStack'}`;
}

function startLines(layout: Layout, { startSymbol, pid, workingOn }: DumpThread): string[] {
  const { generation } = layout.truth;
  const at = `(0x${ptr(layout, codeAddress(generation, startSymbol))})`;
  if (isWide(generation)) return [`Win32 Start Address ${startSymbol} ${at}`];
  if (pid === 4) return [`Start Address ${startSymbol} ${at}`];
  const thunk = 'kernel32!BaseThreadStartThunk';
  const win32 =
    workingOn === null
      ? [`Win32 Start Address ${startSymbol} ${at}`]
      : [`Win32 Start Address 0x${hex(workingOn, 8)}`, `LPC Server thread working on message Id ${hex(workingOn)}`];
  return [...win32, `Start Address ${thunk} (0x${ptr(layout, codeAddress(generation, thunk))})`];
}

function boundLines(layout: Layout, { stackBase, stackLimit, frames, priority }: DumpThread): string[] {
  const { generation } = layout.truth;
  const [base, limit] = [ptr(layout, stackBase), ptr(layout, stackLimit)];
  const current = ptr(layout, frames.length === 0 ? stackBase : frames[0].sp);
  const level = `Priority ${priority} BasePriority 8 `;
  if (!isWide(generation)) {
    const decrement = generation === 'xp' ? 'PriorityDecrement 0 DecrementCount 0' : 'PriorityDecrement 0';
    return [`Stack Init ${base} Current ${current} Base ${base} Limit ${limit} Call 0`, level + decrement];
  }
  const boosts = layout.hasBoosts ? 'UnusualBoost 0 ForegroundBoost 0' : 'PriorityDecrement 0';
  return [
    `Stack Init ${ptr(layout, stackBase - 0x230n)} Current ${current}`,
    `Base ${base} Limit ${limit} Call ${layout.hasBoosts ? '0' : '0000000000000000'}`,
    `${level}${boosts} IoPriority 2 PagePriority 5`,
  ];
}

/** Header and frames; nothing for a thread without a stack. */
export function stackLines(layout: Layout, frames: readonly DumpFrame[], hasArgs: boolean): string[] {
  if (frames.length === 0) return [];
  if (isWide(layout.truth.generation))
    return [wideHeader(layout, hasArgs), ...frames.map((f) => wideFrame(layout, f, hasArgs))];
  const header = hasArgs ? 'ChildEBP RetAddr  Args to Child              ' : 'ChildEBP RetAddr  ';
  return [header, ...frames.map((frame) => narrowFrame(layout, frame, hasArgs))];
}

const behind = ({ note }: DumpFrame): string => (note === '' ? '' : ` ${note}`);

function narrowFrame(layout: Layout, frame: DumpFrame, hasArgs: boolean): string {
  const args = hasArgs ? frame.args.map((arg) => `${hex(arg, 8)} `).join('') : '';
  return `${ptr(layout, frame.sp)} ${ptr(layout, frame.ret)} ${args}${symbolText(frame.symbol, frame.offset)}${behind(frame)}`;
}

function wideHeader({ isSpacious }: Layout, hasArgs: boolean): string {
  const gap = isSpacious ? '    ' : '';
  const args = hasArgs ? ': Args to Child                                                           : ' : '';
  return `Child-SP          RetAddr           ${gap}${args}Call Site`;
}

function wideFrame(layout: Layout, frame: DumpFrame, hasArgs: boolean): string {
  const gap = layout.isSpacious ? '    ' : '';
  const args = hasArgs ? `: ${frame.args.map((arg) => ticked(layout, arg)).join(' ')} : ` : '';
  return `${ticked(layout, frame.sp)} ${ticked(layout, frame.ret)} ${gap}${args}${symbolText(frame.symbol, frame.offset)}${behind(frame)}`;
}
