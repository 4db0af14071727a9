/** Rows of what a system consists of: images, processes, threads. */

import { NULL_I32 } from '../../src/core/schema.js';
import { fileName } from '../../src/core/symbol.js';
import type { KernelHead, Writers } from './context.js';
import { address, type FieldOf, fit, stored, wholeNumber } from './field-values.js';
import type { KernelEvent } from './kernel-events.js';
import { badField, type Outcome } from './outcome.js';

export function writeImage(
  w: NonNullable<Writers['image']>,
  known: KernelEvent,
  head: KernelHead,
  field: FieldOf,
): Outcome {
  const base = address(field('ImageBase'));
  const size = wholeNumber(field('ImageSize'));
  const path = field('FileName');
  if (base === null || size === null || path === undefined) return badField('ImageBase, ImageSize or FileName');
  const pid = stored(field('ProcessId'));
  w.row({
    event: known.says,
    atUs: head.atUs,
    pid: pid === NULL_I32 ? null : pid,
    base,
    end: BigInt.asUintN(64, base + BigInt(size)),
    // 0 in images that have none.
    timeDateStamp: wholeNumber(field('TimeDateStamp')) || null,
    path,
    line: head.line,
    byte: head.byte,
  });
  return 'row';
}

export function writeProcess(
  w: NonNullable<Writers['process']>,
  known: KernelEvent,
  head: KernelHead,
  field: FieldOf,
): Outcome {
  const pid = wholeNumber(field('ProcessId'));
  if (pid === null) return badField('ProcessId');
  const name = field('ImageFileName');
  w.row({
    event: known.says,
    atUs: head.atUs,
    process: name === undefined ? null : fileName(name),
    pid,
    parentPid: fit(wholeNumber(field('ParentId'))),
    sessionId: fit(wholeNumber(field('SessionId'))),
    commandLine: field('CommandLine') ?? null,
    line: head.line,
    byte: head.byte,
  });
  return 'row';
}

export function writeThread(
  w: NonNullable<Writers['thread']>,
  known: KernelEvent,
  head: KernelHead,
  field: FieldOf,
): Outcome {
  const tid = wholeNumber(field('TThreadId'));
  if (tid === null) return badField('TThreadId');
  const start = address(field('Win32StartAddr'));
  w.row({
    event: known.says,
    atUs: head.atUs,
    pid: fit(wholeNumber(field('ProcessId'))),
    tid: fit(tid),
    startRoutine: start === null || start === 0n ? null : `0x${start.toString(16)}`,
    line: head.line,
    byte: head.byte,
  });
  return 'row';
}
