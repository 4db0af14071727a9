/** `!irp`, `!irpfind` and `!fileobj`. */
import { isWide } from './machine.js';
import { hex, type Layout, ptr, ticked, typed } from './text.js';
import type { DumpIrp } from './truth.js';

const MAJORS: Readonly<Record<number, string>> = {
  0: 'IRP_MJ_CREATE',
  3: 'IRP_MJ_READ',
  4: 'IRP_MJ_WRITE',
  14: 'IRP_MJ_DEVICE_CONTROL',
};

export function irpOutputs(layout: Layout): string[][] {
  const { irps } = layout.truth;
  const shown = irps.filter(({ shownBy }) => shownBy === 'irp');
  const files = shown.filter(({ fileName }) => fileName !== null);
  const listed = irps.filter(({ shownBy }) => shownBy === 'irpfind');
  return [
    ...shown.map((irp) => irpOutput(layout, irp)),
    ...files.map((irp) => fileOutput(layout, irp)),
    ...files.map((irp) => pathOutput(layout, irp)),
    ...(listed.length === 0 ? [] : [irpFind(layout, listed)]),
  ];
}

/** The device that has it, with control byte 1: pending, and below it, in some, the one that sent it there. */
function irpOutput(layout: Layout, irp: DumpIrp): string[] {
  const wide = isWide(layout.truth.generation);
  const isStacked = layout.random.next() < 0.5;
  const stacks = isStacked ? 2 : 1;
  const current = ptr(layout, BigInt(irp.address) + (wide ? 0xd0n : 0x70n));
  const pending = (control: string, completion: string, words: string): string =>
    `${control} ${ptr(layout, irp.device)} ${ptr(layout, irp.file)} ${completion} ${words}`;
  const none = '00000000-00000000';
  const code = wide
    ? [`[${MAJORS[irp.major]}(${hex(irp.major)}), N/A(${hex(irp.minor)})]`, '            ']
    : [` [ ${hex(irp.major).padStart(2)},${hex(irp.minor).padStart(2)}]`.slice(1), '  '];
  const first = wide
    ? [`>${code[0]}`, `${code[1]}${pending('5  1', none, '   pending')}`]
    : [`>${code[0]}${pending('   5  1', none, '   pending')}`];
  const second = wide
    ? [` ${code[0]}`, `${code[1]}${pending('5 e0', none, 'Success Error Cancel ')}`]
    : [` ${code[0]}${pending('   5 e0', none, 'Success Error Cancel ')}`];
  const args = '\t\t\tArgs: 00000000 00000000 0x222000 00000000';
  return [
    typed(layout, `!irp ${ptr(layout, irp.address)}`),
    `Irp is active with ${stacks} stacks 1 is current (= 0x${current})`,
    ` No Mdl: No System Buffer: Thread ${ptr(layout, irp.thread)}:  Irp stack trace.  `,
    '     cmd  flg cl Device   File     Completion-Context',
    ...first,
    `\t       ${irp.driver}`,
    args,
    ...(isStacked ? [...second, '\t       \\FileSystem\\Ntfs', args] : []),
    '',
  ];
}

function fileOutput(layout: Layout, { file, fileName, device, driver }: DumpIrp): string[] {
  return [
    typed(layout, `!fileobj ${ptr(layout, file)}`),
    '',
    fileName ?? '',
    '',
    `Device Object: 0x${ptr(layout, device)}   ${driver}`,
    'Vpb is NULL',
    '',
    'Flags:  0x2',
    '\tSynchronous IO',
    '',
    'CurrentByteOffset: 0',
    '',
  ];
}

/** The path as the caller has it. */
function pathOutput(layout: Layout, { file, fileName }: DumpIrp): string[] {
  const at = ticked(layout, (BigInt(file) & 0xffff8n) + 0x780000n);
  return [typed(layout, `du /c 90 ${at}`), `${at}  "\\${fileName}"`, ''];
}

/** A part of the list, among requests of no thread. */
function irpFind(layout: Layout, irps: readonly DumpIrp[]): string[] {
  const { random } = layout;
  const none = ptr(layout, 0n);
  const row = (address: bigint, thread: string, major: number, device: bigint, driver: string): string =>
    `${ptr(layout, address)} [${thread}] irpStack: (${hex(major).padStart(2)}, 0)  ${ptr(layout, device)} [ ${driver}] 0x${none}`;
  const others = Array.from({ length: random.whole(1, 6) }, (_, i) =>
    row(
      BigInt(irps[0].address) + BigInt(0x40000 * (i + 1) + 0x400),
      none,
      0xf,
      BigInt(irps[0].device) + 0x80400n,
      '\\Driver\\usbhub',
    ),
  );
  const rows = irps.map(({ address, thread, major, device, driver }) =>
    row(BigInt(address), ptr(layout, thread), major, BigInt(device), driver),
  );
  return [
    typed(layout, '!irpfind'),
    '   Irp    [ Thread ] irpStack: (Mj,Mn)   DevObj  [Driver]         MDL Process',
    ...others.slice(0, 2),
    ...rows,
    ...others.slice(2),
    '',
  ];
}
