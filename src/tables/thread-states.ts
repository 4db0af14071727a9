/** Values of OldThreadState and OldThreadWaitReason: https://learn.microsoft.com/windows/win32/etw/cswitch */
const STATES = 'Initialized Ready Running Standby Terminated Waiting Transition DeferredReady'.split(' ');
const REASONS = (
  'Executive FreePage PageIn PoolAllocation DelayExecution Suspended UserRequest WrExecutive WrFreePage WrPageIn ' +
  'WrPoolAllocation WrDelayExecution WrSuspended WrUserRequest WrEventPair WrQueue WrLpcReceive WrLpcReply ' +
  'WrVirtualMemory WrPageOut WrRendezvous WrKeyedEvent WrTerminated WrProcessInSwap WrCpuRateControl WrCalloutStack ' +
  'WrKernel WrResource WrPushLock WrMutex WrQuantumEnd WrDispatchInt WrPreempted WrYieldExecution WrFastMutex ' +
  'WrGuardedMutex WrRundown'
).split(' ');

/** The name of a state; the number where it has none. */
export const threadState = (value: number): string => STATES[value] ?? String(value);

export const waitReason = (value: number): string => REASONS[value] ?? String(value);
