/** What cannot be read of a log, as diagnostics with offset and remedy. */
import type { Output } from '../../src/core/parser.js';
import type { Troubles } from './survey.js';

const hex = (n: number): string => `0x${n.toString(16)}`;

/** Counts each stretch that is no event, and each buffer that is none, as one skipped unit: how many events it held is unknown. */
export function troublesOf(out: Output, fileSize: number): Troubles {
  const truncated = (): void => {
    out.about.truncated = true;
  };
  return {
    damaged(at, bytes) {
      if (at + bytes >= fileSize) truncated();
      out.skip(
        'damaged-buffer',
        'no buffer of a log begins where one ought to: what lies there was passed over',
        { byte: at, example: `${bytes} bytes at ${hex(at)}` },
        'data-loss',
      );
    },
    cut(at, got, filled, atEnd) {
      if (atEnd) truncated();
      out.skip(
        atEnd ? 'truncated' : 'damaged-buffer',
        atEnd
          ? 'the log ends inside a buffer: what is there of it was read. Copy it again'
          : 'a buffer unpacks to less than it says: what could be unpacked was read',
        { byte: at, example: `buffer at ${hex(at)}: ${got} of ${filled} bytes` },
        'data-loss',
      );
    },
    unused(at, bytes) {
      out.diagnostics.add('unused-space', 'info', 'room that the log did not use', {
        byte: at,
        example: `${bytes} bytes at ${hex(at)}`,
      });
    },
    shrank(at) {
      truncated();
      out.diagnostics.add('file-shrank', 'data-loss', 'the file shrank while it was read: what was there was used', {
        byte: at,
        example: `it ends at ${hex(at)} of ${fileSize} bytes`,
      });
    },
    noEvent(at, bytes, why) {
      out.skip(
        'damaged-event',
        'bytes that are no event were passed over',
        { byte: at, example: `${bytes} bytes at ${hex(at)}: ${why}` },
        'data-loss',
      );
    },
  };
}
