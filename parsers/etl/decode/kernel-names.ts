/**
 * Names of kernel events, `class/type`.
 *
 * Groups are the EVENT_TRACE_GROUP_* numbers. Class and type names are those of the MOF classes of the kernel logger
 * (https://learn.microsoft.com/windows/win32/etw/msnt-systemtrace; newer ones as `tracerpt` shows them), so that one name
 * covers an event in every format; where MOF has several spellings, the one xperf users know (`SampledProfile`, `ISR-MSI`).
 * Types that have no MOF class carry the name of their constant in evntrace.h (EVENT_TRACE_TYPE_*) or ntwmi.h
 * (PERFINFO_LOG_TYPE_*, WMI_LOG_TYPE_*; published in System Informer's phnt) without the prefix.
 * Verified: the pairs that occur in the real files hold what their name says. The others are from the definitions.
 */
interface KernelClass {
  /** Null: logged with its class GUID only. */
  readonly group: number | null;
  readonly className: string;
  readonly guids: readonly string[];
  /** `opcode:name`, blank between. */
  readonly types: string;
}

const CLASSES: readonly KernelClass[] = [
  {
    group: 0x00,
    className: 'EventTrace',
    guids: ['68fdd900-4a3e-11d1-84f4-0000f80464e3'],
    types: `0:Header 5:Extension 8:RDComplete 32:EndExtension 48:RundownBegin 49:RundownEnd 64:DbgIdRSDS 65:DbgIdNB10
      66:BuildInfo 67:ProviderBinaryPath 80:PartitionInfoExtension 81:PartitionInfoExtensionV2 82:LastDroppedTimes`,
  },
  {
    group: 0x01,
    className: 'DiskIo',
    guids: ['3d6fa8d4-fe05-11d0-9dda-00c04fd7ba7c'],
    types: `10:Read 11:Write 12:ReadInit 13:WriteInit 14:FlushBuffers 15:FlushInit 16:RedirectedInit 32:DriverInit
      33:DriverInitComplete 34:DrvMjFnCall 35:DrvMjFnRet 36:DrvComplRoutCall 37:DrvComplRout 38:AddDeviceCall
      39:AddDeviceReturn 40:StartIoCall 41:StartIoReturn 48:PrefetchAction 49:PrefetchRequest 50:PrefetchReadList
      51:PrefetchRead 52:DrvComplReq 53:DrvComplReqRet 54:BootPrefetchInformation 55:OpticalRead 56:OpticalWrite
      57:OpticalFlushBuffers 58:OpticalReadInit 59:OpticalWriteInit 60:OpticalFlushInit`,
  },
  {
    group: 0x02,
    className: 'PageFault',
    guids: ['3d6fa8d3-fe05-11d0-9dda-00c04fd7ba7c'],
    types: `10:TransitionFault 11:DemandZeroFault 12:CopyOnWrite 13:GuardPageFault 14:HardPageFault 15:AccessViolation
      32:HardFault 33:RemovePageByColor 34:RemovePageFromList 35:PageInMemory 36:InsertInFreeList 37:InsertInModifiedList
      38:InsertInList 40:InsertAtFront 41:UnlinkFromStandby 42:UnlinkFreeOrZero 43:WorkingSetManager 44:TrimProcess
      46:ZeroShareCount 60:WsInfoProcess 69:FaultAddrWithIp 70:TrimSession 71:MemorySnapLite
      72:PFMappedSectionRundown 73:PFMappedSectionCreate 74:WsInfoSession 75:CreateSession 76:SessionDCEnd
      77:SessionDCStart 78:DeleteSession 79:PFMappedSectionDelete 98:VirtualAlloc 99:VirtualFree 100:HRRundown 101:HRCreate
      102:HRReserve 103:HRRelease 104:HRDestroy 105:ImageLoadBacked 112:MemInfo 113:ContMemGenerate 114:FileStoreFault
      115:InMemoryStoreFault 116:CompressedPage 117:PageInMemoryActive 118:PageAccess 119:PageRelease 120:PageRangeAccess
      121:PageRangeRelease 122:PageCombine 123:KernelMemUsage 124:MmStats 125:MemInfoWS 126:MemInfoSessionWS
      127:VirtualRotate 128:VirtualAllocDCStart 129:VirtualAllocDCEnd 130:PageAccessEx 131:RemoveFromWS
      132:WsShareableRundown 133:InMemoryActiveRundown 134:MemResetInfo 135:PFMappedSectionObjectCreate
      136:PFMappedSectionObjectDelete`,
  },
  {
    group: 0x03,
    className: 'Process',
    guids: ['3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c'],
    types: `1:Start 2:End 3:DCStart 4:DCEnd 11:Terminate 32:PerfCtr 33:PerfCtrRundown 35:InSwap 36:Freeze 37:Thaw
      38:BootPhaseStart 39:Defunct 40:SetAffinity 48:WakeChargeUser 49:WakeChargeExecution 50:WakeChargeKernel
      51:WakeChargeInstrumentation 52:WakeChargePreserveProcess 64:WakeReleaseUser 65:WakeReleaseExecution
      66:WakeReleaseKernel 67:WakeReleaseInstrumentation 68:WakeReleasePreserveProcess 80:WakeDropUser
      81:WakeDropExecution 82:WakeDropKernel 83:WakeDropInstrumentation 84:WakeDropPreserveProcess 96:WakeEventUser
      97:WakeEventExecution 98:WakeEventKernel 99:WakeEventInstrumentation 100:WakeEventPreserveProcess 112:DebugEvent`,
  },
  {
    group: 0x04,
    className: 'FileIo',
    guids: ['90cbdc39-4a3e-11d1-84f4-0000f80464e3'],
    types: `0:Name 32:FileCreate 33:FilenameSame 34:FilenameNull 35:FileDelete 36:FileRundown 37:MapFile 38:UnmapFile
      39:MapFileDCStart 40:MapFileDCEnd 64:Create 65:Cleanup 66:Close 67:Read 68:Write 69:SetInfo 70:Delete 71:Rename
      72:DirEnum 73:Flush 74:QueryInfo 75:FSControl 76:OperationEnd 77:DirNotify 78:CreateNew 79:DeletePath 80:RenamePath
      81:SetLinkPath 82:SetLink 96:FltPreOpInit 97:FltPostOpInit 98:FltPreOpCompletion 99:FltPostOpCompletion
      100:FltPreOpFailure 101:FltPostOpFailure`,
  },
  {
    group: 0x05,
    className: 'Thread',
    guids: ['3d6fa8d1-fe05-11d0-9dda-00c04fd7ba7c'],
    types: `1:Start 2:End 3:DCStart 4:DCEnd 36:CSwitch 37:CompCS 41:SpinLock 42:Queue 43:Resource 44:PushLock
      45:WaitSingle 46:WaitMultiple 47:DelayExecution 48:SetPriority 49:SetBasePriority 50:ReadyThread 51:SetPagePriority
      52:SetIoPriority 53:ThreadAffinity 57:WorkerThread 58:DfssStartNewInterval 59:DfssProcessIdleOnlyQueue
      60:AntiStarvationBoost 61:ThreadMigration 62:KernelQueueEnqueue 63:KernelQueueDequeue 64:WorkerThreadStart
      65:WorkerThreadEnd 66:AutoBoostSetFloor 67:AutoBoostClearFloor 68:AutoBoostEntryExhaustion 69:SubProcessTagChanged
      72:SetName`,
  },
  {
    group: 0x06,
    className: 'TcpIp',
    guids: ['9a280ac0-c8e0-11d1-84e2-00c04fb998a2'],
    types: `10:SendIPV4 11:RecvIPV4 12:ConnectIPV4 13:DisconnectIPV4 14:RetransmitIPV4 15:AcceptIPV4 16:ReconnectIPV4
      17:Fail 18:TCPCopyIPV4 19:ARPCopyIPV4 20:FullACKIPV4 21:PartACKIPV4 22:DupACKIPV4 26:SendIPV6 27:RecvIPV6
      28:ConnectIPV6 29:DisconnectIPV6 30:RetransmitIPV6 31:AcceptIPV6 32:ReconnectIPV6 33:FailIPV6 34:TCPCopyIPV6
      35:ARPCopyIPV6 36:FullACKIPV6 37:PartACKIPV6 38:DupACKIPV6`,
  },
  {
    group: 0x07,
    className: 'Job',
    guids: ['3282fc76-feed-498e-8aa7-e70f459d430e'],
    types: `32:Create 33:Terminate 34:Open 35:AssignProcess 36:RemoveProcess 37:Set 38:Query 39:SetFailed 40:QueryFailed
      41:SetNotification 42:SendNotification 43:QueryViolation 44:SetCpuRate 45:SetNetRate`,
  },
  {
    group: 0x08,
    className: 'UdpIp',
    guids: ['bf3a50c5-a9c9-4988-a005-2df0b7c80f80'],
    types: '10:SendIPV4 11:RecvIPV4 17:Fail 26:SendIPV6 27:RecvIPV6',
  },
  {
    group: 0x09,
    className: 'Registry',
    guids: ['ae53722e-c863-11d2-8659-00c04fa321a1'],
    // 32 and 33 have two names: TxRRollback and MountHive in evntrace.h, CMCELLREFERRED and REG_SET_VALUE in ntwmi.h.
    types: `10:Create 11:Open 12:Delete 13:Query 14:SetValue 15:DeleteValue 16:QueryValue 17:EnumerateKey
      18:EnumerateValueKey 19:QueryMultipleValue 20:SetInformation 21:Flush 22:KCBCreate 23:KCBDelete 24:KCBRundownBegin
      25:KCBRundownEnd 26:Virtualize 27:Close 28:SetSecurity 29:QuerySecurity 30:TxRCommit 31:TxRPrepare 32:TxRRollback
      33:MountHive 34:Counters 35:Config 36:HiveInit 37:HiveDestroy 38:HiveLink 39:HiveDCEnd 40:HiveDirty
      48:ChangeNotify 49:NotifyDeliver`,
  },
  {
    group: 0x0a,
    className: 'DbgPrint',
    guids: ['13976d09-a327-438c-950b-7f03192815c7'],
    types: '32:DebugPrint',
  },
  {
    group: 0x0b,
    className: 'SysConfig',
    guids: ['01853a65-418f-4f36-aefc-dc0f1d2fd235'],
    types: `10:CPU 11:PhyDisk 12:LogDisk 13:NIC 14:Video 15:Services 16:Power 17:Network 18:OpticalDisk 19:PhyDiskEx 21:IRQ
      22:PnP 23:IDEChannel 24:NumaNode 25:Platform 26:ProcessorGroup 27:ProcessorNumber 28:DPI 29:CodeIntegrity
      30:TelemetryConfiguration 31:Defragmentation 32:MobilePlatform 33:DeviceFamily 34:FlightIds 35:Processors
      36:VirtualizationConfigInfo 37:BootConfigInfo`,
  },
  {
    group: 0x0d,
    className: 'Wnf',
    guids: ['42695762-ea50-497a-9068-5cbbb35e0b95'],
    types: '32:Subscribe 33:Unsubscribe 34:Callback 35:Publish 36:NameSubRundown',
  },
  {
    group: 0x0e,
    className: 'Pool',
    guids: ['0268a8b6-74fd-4302-9dd0-6e8f1795c0cf'],
    types: `32:Alloc 33:AllocSession 34:Free 35:FreeSession 36:AddPoolPage 37:AddPoolPageSession 38:BigPoolPage
      39:BigPoolPageSession 40:PoolSnapDCStart 41:PoolSnapDCEnd 42:BigPoolSnapDCStart 43:BigPoolSnapDCEnd
      44:PoolSnapSessionDCStart 45:PoolSnapSessionDCEnd 46:BigPoolSnapSessionDCStart 47:BigPoolSnapSessionDCEnd`,
  },
  {
    group: 0x0f,
    className: 'PerfInfo',
    guids: ['ce1dbfb4-137e-4da6-87b0-3f59aa102cbc'],
    types: `32:RundownCheckpoint 34:Mark 36:AsyncMark 38:ImageName 39:CcCanIWrite 46:SampledProfile 47:PmcCounterProf
      48:PmcCtrConfig 50:ISR-MSI 51:SysClEnter 52:SysClExit 53:Backtrace 54:BacktraceUserStack 55:SampledProfileCache
      56:ExceptionStack 57:BranchTrace 58:DebuggerEnabled 59:DebuggerExit 64:BranchTraceDebug 65:BranchAddressDebug
      66:ThreadedDPC 67:ISR 68:DPC 69:TimerDPC 70:IOTimer 71:SampledProfileNMI 72:SetInterval 73:CollectionStart
      74:CollectionEnd 75:SpinLockDCStart 76:SpinLockDCEnd 77:EresourceDCStart 78:EresourceDCEnd 79:ClockInterrupt
      80:TimerExpirationStart 81:TimerExpiration 82:TimerSetPeriodic 83:TimerSetOneShot 84:TimerSetThread 85:TimerCancel
      86:TimeAdjustment 87:ClockModeSwitch 88:ClockTimeUpdate 89:ClockDynamicTickVeto 90:ClockConfiguration 91:IPI
      92:ISR-Unexpected 93:IoStartTimer 94:IoStopTimer 95:ISR-Passive 96:WdfISR 97:WdfPassiveISR 98:WdfDPC
      99:CpuCacheFlush 100:DpcEnqueue 101:DpcExecution 102:InterruptSteering 103:WdfWorkItem 104:SetKTimer2
      105:ExpireKTimer2 106:CancelKTimer2 107:DisableKTimer2 108:FinalizeKTimer2 109:ShouldYieldProcessor
      114:KernelHypercall 128:FunctionCall 129:FunctionReturn 130:FunctionEnter 131:FunctionExit 132:TailCall 133:Trap
      134:SpinLockAcquire 135:SpinLockRelease 136:CapComment 137:CapRundown`,
  },
  {
    group: 0x10,
    className: 'Heap',
    guids: ['222962ab-6180-4b88-a825-346b75f2a24a'],
    types: `32:Create 33:Alloc 34:ReAlloc 35:Destroy 36:Free 37:Expand 38:SnapShot 39:CreateSnapShot 40:DestroySnapShot
      41:ExtendSnapShot 42:Contract 43:Lock 44:Unlock 45:Validate 46:Walk 47:SubSegmentAlloc 48:SubSegmentFree
      49:SubSegmentAllocCache 50:SubSegmentFreeCache 51:Commit 52:Decommit 53:SubSegmentInit 54:AffinityEnable
      56:SubSegmentActivated 57:AffinityAssign 58:ReuseThresholdActivated`,
  },
  {
    group: 0x11,
    className: 'Object',
    guids: ['89497f50-effe-4440-8cf2-ce6b1cdcaca7'],
    types: `32:CreateHandle 33:CloseHandle 34:DuplicateHandle 36:TypeDCStart 37:TypeDCEnd 38:HandleDCStart 39:HandleDCEnd
      48:CreateObject 49:DeleteObject 50:ReferenceObject 51:DereferenceObject`,
  },
  {
    group: 0x12,
    className: 'Power',
    guids: ['e43445e0-0903-48c3-b878-ff0fccebdd04'],
    types: `32:BatteryLifeInfo 33:IdleStateChange 34:SetPowerAction 35:SetPowerActionRet 36:SetDevicesState
      37:SetDevicesStateRet 38:PoNotifyDevice 39:PoNotifyDeviceComplete 40:SessionCallout 41:SessionCalloutRet 48:PreSleep
      49:PostSleep 50:CalibratedPerfCounter 51:PerfStateChange 52:ThrottleStateChange 53:PpmIdleStateChange
      54:ThermalConstraint 55:SignalResumeUI 56:SignalVideoOn 57:IdleStateEnter 58:IdleStateExit 59:PlatformIdleStateEnter
      60:IdleExitLatency 61:IdleProcessorSelection 62:IdlePlatformSelection 63:CoordinatedIdleEnter 64:CoordinatedIdleExit`,
  },
  {
    group: 0x13,
    className: 'ModBound',
    guids: ['a9152f00-3f58-4bee-92a1-70c7d079d5dd'],
    types: `24:CowHeader 25:CowBlob 26:CowBlobClosed 32:Ent 33:Jump 34:Ret 35:Call 36:CallRet 37:Int2E 38:Int2B
      39:FullTrace`,
  },
  {
    group: 0x14,
    className: 'Image',
    guids: ['2cb15d1d-5fc1-11d2-abe1-00a0c911f518'],
    types: `2:Unload 3:DCStart 4:DCEnd 10:Load 32:Relocation 33:KernelBase 34:HypercallPage
      128:LdrLockAcquireAttempt 129:LdrLockAcquireSuccess 130:LdrLockAcquireFail 131:LdrLockAcquireWait
      132:LdrProcInitDone 133:LdrCreateSection 134:LdrSectionCreated 135:LdrMapView 144:LdrRelocateImage
      145:LdrImageRelocated 146:LdrHandleOldDescriptors 147:LdrOldDescriptorsHandled 148:LdrHandleNewDescriptors
      149:LdrNewDescriptorsHandled 150:LdrDllMainExit 160:LdrFindDll 161:LdrViewMapped 162:LdrLockRelease
      163:LdrDllMainEnter 164:LdrError 165:LdrViewMapping 166:LdrSnapping 167:LdrSnapped 168:LdrLoading 169:LdrLoaded
      170:LdrFoundKnownDll 171:LdrAbnormal 172:LdrPlaceholder 173:LdrReadyToInit 174:LdrReadyToRun 176:LdrNewDllLoad
      177:LdrNewDllAsData 192:LdrExternalPath 193:LdrGeneratedPath 208:LdrApiSetResolving 209:LdrApiSetHosted
      210:LdrApiSetUnhosted 211:LdrApiSetUnresolved 212:LdrSearchSecurity 213:LdrSearchPathSecurity`,
  },
  {
    group: 0x15,
    className: 'Dpc',
    guids: ['b2d14872-7c5b-463d-8419-ee9bf7d23e04'],
    types: '',
  },
  {
    group: 0x16,
    className: 'Cc',
    guids: ['7687a439-f752-45b8-b741-321aec0f8df9'],
    types: `0:WorkItemEnqueue 1:WorkItemDequeue 2:WorkItemComplete 3:ReadAhead 4:WriteBehind 5:LazyWriteScan 6:CanIWriteFail
      9:FlushCache 10:FlushSection 11:ReadAheadPrefetch 12:ScheduleReadAhead 13:LoggedStreamInfo
      14:ExtraWriteBehindThread`,
  },
  {
    group: 0x17,
    className: 'CritSec',
    guids: ['3ac66736-cc59-4cff-8115-8df50e39816b'],
    types: '32:Enter 33:Leave 34:Collision 35:Initialize',
  },
  {
    group: 0x18,
    className: 'StackWalk',
    guids: ['def2fe46-7bd6-4b80-bd94-f57fe20d0ce3'],
    types: '32:Stack 34:KeyCreate 35:KeyDelete 36:KeyRundown 37:KeyKernel 38:KeyUser',
  },
  {
    group: 0x19,
    className: 'Ums',
    guids: ['bddad2c1-52d1-4aea-94d6-b3ca9236f62e', '9aec974b-5b8e-4118-9b92-3186d8002ce5'],
    types: '32:DirectedSwitchStart 33:DirectedSwitchEnd 34:Park 35:Disassociate 36:ContextSwitch',
  },
  {
    group: 0x1a,
    className: 'ALPC',
    guids: ['45d8cccd-539f-4b72-a8b7-5c683142609a'],
    types: `33:SendMessage 34:ReceiveMessage 35:WaitForReply 36:WaitForNewMessage 37:Unwait 38:ConnectRequest
      39:ConnectSuccess 40:ConnectFail 41:ClosePort`,
  },
  {
    group: 0x1b,
    className: 'SplitIo',
    guids: ['d837ca92-12b9-44a5-ad6a-3a65b3578aa8'],
    types: '32:VolMgr',
  },
  {
    group: 0x1c,
    className: 'ThreadPool',
    guids: ['c861d0e2-a2c1-4d36-9f9c-970bab943a12'],
    types: `32:CBEnqueue 33:CBDequeue 34:CBStart 35:CBStop 36:CBCancel 37:PoolCreate 38:PoolClose 39:ThreadMinSet
      40:ThreadMaxSet 41:WorkerNumaNodeSwitch 42:TimerSet 43:TimerCancelled 44:TimerSetNtTimer 45:TimerCancelNtTimer
      46:TimerExpirationBegin 47:TimerExpirationEnd 48:TimerExpiration`,
  },
  {
    group: 0x1d,
    className: 'Hypervisor',
    guids: ['7f2a405c-69b5-4bf9-a1f5-30e8f1afab5e'],
    types: '',
  },
  {
    group: 0x1e,
    className: 'HypervisorX',
    guids: ['2ce9a149-effe-42f0-a635-a1d39e26c8f2'],
    types: '',
  },
  {
    group: null,
    className: 'Lost_Event',
    guids: ['6a399ae0-4bc6-4de9-870b-3657f8947e7e'],
    types: '32:RT_LostEvent 33:RT_LostBuffer 34:RT_LostFile',
  },
];

const CLASS_OF_GROUP: ReadonlyMap<number, string> = new Map(
  CLASSES.flatMap(({ group, className }) => (group === null ? [] : [[group, className]])),
);

const CLASS_OF_GUID: ReadonlyMap<string, KernelEventClass> = new Map(
  CLASSES.flatMap(({ guids, className, group }) =>
    guids.map((guid): [string, KernelEventClass] => [guid, { className, group }]),
  ),
);

const TYPE_NAMES: ReadonlyMap<string, ReadonlyMap<number, string>> = new Map(
  CLASSES.map(({ className, types }) => [className, typeNames(types)]),
);

const PROCESS_GROUP = 0x03;
const LOAD = 10;

export interface KernelEventClass {
  readonly className: string;
  /** The group byte; null for classes that are logged by GUID only. */
  readonly group: number | null;
}

function typeNames(text: string): Map<number, string> {
  const pairs = text.split(/\s+/).filter((pair) => pair !== '');
  return new Map(pairs.map((pair) => [Number.parseInt(pair, 10), pair.slice(pair.indexOf(':') + 1)]));
}

/**
 * The MOF class of events of a group. Live image loads are logged in the group of processes (verified), and belong to
 * `Image`. Null where no class of that group is published.
 */
export function kernelClassOfGroup(group: number, opcode: number): string | null {
  if (group === PROCESS_GROUP && opcode === LOAD) return 'Image';
  return CLASS_OF_GROUP.get(group) ?? null;
}

/** The kernel event class with that class GUID (lower case, no braces), as in FULL headers; null where it is none. */
export function kernelClassOfGuid(guid: string): KernelEventClass | null {
  return CLASS_OF_GUID.get(guid) ?? null;
}

/** `Image/Load`; an unknown opcode as `Image/Opcode(123)`. */
export function kernelTypeName(className: string, opcode: number): string {
  return `${className}/${TYPE_NAMES.get(className)?.get(opcode) ?? `Opcode(${opcode})`}`;
}

/** The name of a kernel event by group and opcode; an unknown group as `Group(0x2c)/Opcode(5)`. */
export function kernelName(group: number, opcode: number): string {
  const className = kernelClassOfGroup(group, opcode);
  return className === null
    ? `Group(0x${group.toString(16).padStart(2, '0')})/Opcode(${opcode})`
    : kernelTypeName(className, opcode);
}
