import { defineTable, dict, f64, i32, u64 } from '../core/schema.js';

/**
 * Parsers hand rows on in the order in which the runs ended on each CPU, which is the order in which the kernel logs
 * them: analyses find nested interrupts by it without sorting.
 */
export const dpcIsr = defineTable('dpc_isr', 'One row per run of a DPC or of an interrupt service routine.', {
  kind: dict('`DPC` or `ISR`.'),
  type: dict('The kernel event behind it: `DPC`, `TimerDPC`, `ThreadedDPC`, `ISR`, `ISR-MSI`, `PassiveISR`.'),
  startUs: f64('When the routine was entered, from the start of the trace.', 'µs'),
  durationUs: f64('From entry to return, with whatever interrupted it (inclusive).', 'µs'),
  cpu: i32('Processor it ran on.'),
  vector: i32('Interrupt vector; null for DPCs and where not recorded.'),
  messageIndex: i32('Message number of a message-signalled interrupt; null elsewhere.'),
  module: dict('Image that holds the routine, as the source names it; null where unresolved.'),
  routine: dict('`Image!Function` as the source prints it, or the address where no image is known.'),
  address: u64('Address of the routine; null where the source does not print it.'),
});
