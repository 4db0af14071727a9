/**
 * Names of well-known providers by GUID, for events that bring no name of their own (TraceLogging events do).
 *
 * From public lists: the output of `xperf -providers` of Windows 11 (build 22621), the provider lists of Microsoft's TSS
 * diagnostic scripts and of PerfView (MIT), and, for the classic ones, evntrace.h and ntwmi.h (phnt). Microsoft-Build and
 * PerfView are named as in the traits of their own events in real files.
 */
const LIST = `
# .NET and tools
e13c0d23-ccbc-4e12-931b-d9cc2eee27e4 Microsoft-Windows-DotNETRuntime
a669021c-c450-4609-a035-5af59af4df18 Microsoft-Windows-DotNETRuntimeRundown
763fd754-7086-4dfe-95eb-c01a46faf4ca Microsoft-Windows-DotNETRuntimePrivate
2e5dba47-a3d2-4d16-8ee0-6671ffdcd7b5 System.Threading.Tasks.TplEventSource
8e9f5090-2d75-4d03-8a81-e5afbf85daf1 System.Diagnostics.Eventing.FrameworkEventSource
adb401e1-5296-51f8-c125-5fda75826144 Microsoft-Diagnostics-DiagnosticSource
9e620d2a-55d4-5ade-deb7-c26046d245a8 Microsoft-AspNetCore-Hosting
74af9f20-af6a-5582-9382-f21f674fb271 Microsoft-ApplicationInsights-Core
d44a2098-821f-5808-4cea-1e24e982ca37 Microsoft-Build
a8a71ac1-040f-54a2-07ca-00a89b5ab761 PerfView
57277741-3638-4a4b-bdba-0ac6e45da56c Microsoft-JScript
9e3b3947-ca5d-4614-91a2-7b624e0e7244 Microsoft-IE
231cf54b-22a0-49e4-a59a-47052a30ffed Multi-Main
# Kernel logger and KernelTraceControl
9e814aad-3204-11d2-9a82-006008a86939 MSNT_SystemTrace
b3e675d7-2554-4f18-830b-2762732560de ImageID
9b79ee91-b5fd-41c0-a243-4248e266e9d0 SystemConfigEx
bbccf6c1-6cd1-48c4-80ff-839482e37671 MetaData
bf6ef1cb-89b5-490a-80ac-b180cfbcff0f PerfTrackMetaData
ed54dff8-c409-4cf6-bf83-05e1e61a09c4 WinSat
28ad2447-105b-4fe2-9599-e59b2aa9a634 KernelTraceControl
d781ca11-61c0-4387-b83d-af52d3d2dd6a HeapRange
b059b83f-d946-4b13-87ca-4292839dc2f2 Microsoft-Windows-User-Loader
f8f10121-b617-4a56-868b-9df1b27fe32c MMCSS
# Kernel manifests
22fb2cd6-0e7b-422b-a0c7-2fad1fd0e716 Microsoft-Windows-Kernel-Process
edd08927-9cc4-4e65-b970-c2560fb5c289 Microsoft-Windows-Kernel-File
7dd42a49-5329-4832-8dfd-43d979153a88 Microsoft-Windows-Kernel-Network
70eb4f03-c1de-4f73-a051-33d13d5413bd Microsoft-Windows-Kernel-Registry
c514638f-7723-485b-bcfc-96565d735d4a Microsoft-Windows-Kernel-Acpi
331c3b3a-2005-44c2-ac5e-77220c37d6b4 Microsoft-Windows-Kernel-Power
0f67e49f-fe51-4e9f-b490-6f2948cc6027 Microsoft-Windows-Kernel-Processor-Power
9c205a39-1250-487d-abd7-e831c6290539 Microsoft-Windows-Kernel-PnP
c7bde69a-e1e0-4177-b6ef-283ad1525271 Microsoft-Windows-Kernel-Disk
b675ec37-bdb6-4648-bc92-f3fdc74d3ca2 Microsoft-Windows-Kernel-EventTracing
15ca44ff-4d7a-4baa-bba5-0998955e531e Microsoft-Windows-Kernel-Boot
a68ca8b7-004f-d7b6-a698-07e2de0f1f5d Microsoft-Windows-Kernel-General
d1d93ef7-e1f2-4f45-9943-03d245fe6c00 Microsoft-Windows-Kernel-Memory
a6ad76e3-867a-4635-91b3-4904ba6374d7 Microsoft-Windows-Kernel-StoreMgr
5322d61a-9efa-4bc3-a3f9-14be95c144f8 Microsoft-Windows-Kernel-Prefetch
7b563579-53c8-44e7-8236-0f87b9fe6594 Microsoft-Windows-Kernel-WHEA
951b41ea-c830-44dc-a671-e2c9958809b8 Microsoft-Windows-Kernel-Interrupt-Steering
abf1f586-2e50-4ba8-928d-49044e6f0db7 Microsoft-Windows-Kernel-IO
a103cabd-8242-4a93-8df5-1cdf3b3f26a6 Microsoft-Windows-Kernel-IoTrace
e02a841c-75a3-4fa7-afc8-ae09cf9b7f23 Microsoft-Windows-Kernel-Audit-API-Calls
2ff3e6b7-cb90-4700-9621-443f389734ed Microsoft-Windows-Kernel-WDI
0bf2fb94-7b60-4b4d-9766-e82f658df540 Microsoft-Windows-Kernel-ShimEngine
16a1adc1-9b7f-4cd9-94b3-d8296ab1b130 Microsoft-Windows-Kernel-AppCompat
17d2a329-4539-5f4d-3435-f510634ce3b9 Microsoft-Windows-Kernel-Dump
bef2aa8e-81cd-11e2-a7bb-5eac6188709b Microsoft-Windows-Kernel-LiveDump
7f54ca8a-6c72-5cbc-b96f-d0ef905b8bce Microsoft-Windows-Kernel-CPU-Starvation
96ac7637-5950-4a30-b8f7-e07e8e5734c1 Microsoft-Windows-Kernel-BootDiagnostics
5412704e-b2e1-4624-8ffd-55777b8f7373 Microsoft-Windows-Kernel-Pep
b931ed29-66f4-576e-0579-0b8818a5dc6b Microsoft-Windows-Kernel-Prm
f029ac39-38f0-4a40-b7de-404d244004cb Microsoft-Windows-Kernel-XDV
# Power, devices, storage, USB
a6bf0deb-3659-40ad-9f81-e25af62ce3c7 Microsoft-Windows-PDC
ce8dee0b-d539-4000-b0f8-77bed049c590 Microsoft-Windows-UserModePowerService
b1f90b27-4551-49d6-b2bd-dfc6453762a6 Microsoft-Windows-PowerCpl
9f0c4ea8-ec01-4200-a00d-b9701cbea5d8 Microsoft-Windows-PowerCfg
c4636a1e-7986-4646-bf10-7bc3b4a76e8e Microsoft-Windows-StorPort
8b86727c-e587-4b89-8fc5-d1f24d43f69c StorPort
fa8de7c4-acde-4443-9994-c4e2359a9edb ClassPnP
945186bf-3dd6-4f3f-9c8e-9edd3fc9d558 Disk Class Driver
412bdff2-a8c4-470d-8f33-63fe0d8c20e2 Microsoft-Windows-Partition
e3bac9f8-27be-4823-8d7f-1cc320c05fa7 Microsoft-Windows-MountMgr
9f7b5df4-b902-48bc-bc94-95068c6c7d26 Microsoft-Windows-Volume
67fe2216-727a-40cb-94b2-c02211edb34a Microsoft-Windows-VolumeSnapshot-Driver
3ff37a1c-a68d-4d6e-8c9b-f79e8b16c482 Microsoft-Windows-Ntfs
8e6a5303-a4ce-498f-afdb-e03a8a82b077 Microsoft-Windows-Ntfs-UBPM
dd70bc80-ef44-421b-8ac3-cd31da613a4e Ntfs
cd9c6198-bf73-4106-803b-c17d26559018 Microsoft-Windows-ReFS
f3c5e28e-63f6-49c7-a204-e48a1bc4b09d Microsoft-Windows-FilterManager
a319d300-015c-48be-acdb-47746e154751 Microsoft-Windows-FileInfoMinifilter
595f7f52-c90a-4026-a125-8eb5e083f15e Microsoft-Windows-StorageSpaces-Driver
9b6123dc-9af6-4430-80d7-7d36f054fb9f Microsoft-Windows-CDROM
1a9443d4-b099-44d6-8eb1-829b9c2fe290 Microsoft-Windows-PCI
30e1d284-5d88-459c-83fd-6345b39b19ec Microsoft-Windows-USB-USBXHCI
ac52ad17-cc01-4f85-8df5-4dce4333c99b Microsoft-Windows-USB-USBHUB3
36da592d-e43a-4e28-af6f-4bc57c5a11e8 Microsoft-Windows-USB-UCX
7426a56b-e2d5-4b30-bdef-b31815c1a74a Microsoft-Windows-USB-USBHUB
c88a4ef5-d048-4013-9408-e04b7db2814a Microsoft-Windows-USB-USBPORT
7725b5f9-1f2e-4e21-baeb-b2af4690bc87 Microsoft-Windows-USB-MAUSBHOST
6465da78-e7a0-4f39-b084-8f53c7c30dc6 Microsoft-Windows-Input-HIDCLASS
55ab77f6-fa04-43ef-af45-688fbf500482 Microsoft-Windows-GPIO-ClassExtension
72cd9ff7-4af8-4b89-aede-5f26fda13567 Microsoft-Windows-SPB-ClassExtension
2e35aaeb-857f-4beb-a418-2e6c0e54d988 Microsoft-Windows-DriverFrameworks-UserMode
9fa5dd5d-999e-466a-8ca9-7b3a66f8882f Microsoft-Windows-DriverFrameworks-UserMode-Performance
486a5c7c-11cc-46c5-9de7-43dfe0bb57c1 Microsoft-Windows-DriverFrameworks-KernelMode-Performance
96f4a050-7e31-453c-88be-9634f4e02139 Microsoft-Windows-UserPnp
c26c4f3c-3f66-4e99-8f8a-39405cfed220 Microsoft-Windows-WHEA-Logger
fcbb06bb-6a2a-46e3-abaa-246cb4e508b2 Microsoft-Windows-DeviceSetupManager
651df93b-5053-4d1e-94c5-f6e6d25908d0 Microsoft-Windows-BitLocker-Driver
dab01d4d-2d48-477d-b1c3-daad0ce6f06b ACPI Driver Trace Provider
2a274310-42d5-4019-b816-e4b8c7abe95c Microsoft-Windows-ReadyBoostDriver
e6307a09-292c-497e-aad6-498f68e2b619 Microsoft-Windows-ReadyBoost
99806515-9f51-4c2f-b918-1eae407aa8cb Microsoft-Windows-Superfetch
# Graphics, user interface, audio
8c416c79-d49b-4f01-a467-e56d3aa8234c Microsoft-Windows-Win32k
e7ef96be-969f-414f-97d7-3ddb7b558ccc DwmWin32k
802ec45a-1e99-4b83-9920-87c98277ba9d Microsoft-Windows-DxgKrnl
9de90b19-62c4-511d-a1c5-9e990812d18b Microsoft-Windows-DxgKrnl-SysMm
ca11c036-0102-4a2d-a6ad-f03cfed5d3c9 Microsoft-Windows-DXGI
db6f6ddb-ac77-4e88-8253-819df9bbf140 Microsoft-Windows-Direct3D11
5d8087dd-3a9b-4f56-90df-49196cdc4f11 Microsoft-Windows-Direct3D12
9e9bba3c-2e38-40cb-99f4-9e8281425164 Microsoft-Windows-Dwm-Core
d29d56ea-4867-4221-b02e-cfd998834075 Microsoft-Windows-Dwm-Dwm
292a52c4-fa27-4461-b526-54a46430bd54 Microsoft-Windows-Dwm-Api
8c9dd1ad-e6e5-4b07-b455-684a9d879900 Microsoft-Windows-Dwm-Core-Win7
c44219d0-f344-11df-a5e2-b307dfd72085 Microsoft-Windows-DirectComposition
5786e035-ef2d-4178-84f2-5a6bbedbb947 Microsoft-Windows-DirectManipulation
531a35ab-63ce-4bcf-aa98-f88c7a89e455 Microsoft-Windows-XAML
315a8872-923e-4ea2-9889-33cd4754bf64 Microsoft-Windows-Immersive-Shell
30336ed4-e327-447c-9de0-51b652c86108 Microsoft-Windows-Shell-Core
36008301-e154-466c-acec-5f4cbd6b4694 Microsoft-Windows-MMCSS
ae4bd3be-f36f-45b6-8d21-bdd6fb832853 Microsoft-Windows-Audio
8f2048e0-f260-4f57-a8d1-932376291682 Microsoft-Windows-MediaEngine
548c4417-ce45-41ff-99dd-528f01ce0fe1 Microsoft-Windows-KernelStreaming
a3d95055-34cc-4e4a-b99f-ec88f5370495 Microsoft-Windows-CoreWindow
820a42d8-38c4-465d-b64e-d7d56ea1d612 Microsoft-Windows-UIAutomationCore
a8a1f2f6-a13a-45e9-b1fe-3419569e5ef2 Microsoft-Windows-MUI
75051c9d-2833-4a29-8923-046db7a432ca Microsoft-Windows-DDisplay
# Network
2f07e2ee-15db-40f1-90ef-9d7ba282188a Microsoft-Windows-TCPIP
e53c6823-7bb8-44bb-90dc-3f86090d48a6 Microsoft-Windows-Winsock-AFD
cdead503-17f5-4a3e-b7ae-df8cc2902eb9 Microsoft-Windows-NDIS
2ed6006e-4729-4609-b423-3ee7bcd678ef Microsoft-Windows-NDIS-PacketCapture
988c59c5-0a1c-45b6-a555-0c62276e327d Microsoft-Windows-SMBClient
d48ce617-33a2-4bc3-a5c7-11aa4f29619e Microsoft-Windows-SMBServer
dd5ef90a-6398-47a4-ad34-4dcecdef795f Microsoft-Windows-HttpService
43d1a55c-76d6-4f7e-995c-64c711e5cafe Microsoft-Windows-WinINet
7d44233d-3055-4b9c-ba64-0d47ca40a232 Microsoft-Windows-WinHttp
50b3e73c-9370-461d-bb9f-26f32d68887d Microsoft-Windows-WebIO
1c95126e-7eea-49a9-a3fe-a378b03ddb4d Microsoft-Windows-DNS-Client
9580d7dd-0379-4658-9870-d5be7d52d6de Microsoft-Windows-WLAN-AutoConfig
0bd3506a-9030-4f76-9b88-3e8fe1f7cfb6 Microsoft-Windows-NWiFi
daa6a96b-f3e7-4d4d-a0d6-31a350e6a445 Microsoft-Windows-WLAN-Driver
63b530f8-29c9-4880-a5b4-b8179096e7b8 Microsoft-Windows-NlaSvc
83ed54f0-4d48-4e45-b16e-726ffd1fa4af Microsoft-Windows-Networking-Correlation
fbcfac3f-8459-419f-8e48-1f0b49cdb85e Microsoft-Windows-NetworkProfile
55404e71-4db9-4deb-a5f5-8f86e46dde56 Microsoft-Windows-Winsock-NameResolution
914ed502-b70d-4add-b758-95692854f8a3 Microsoft-Windows-QoS-Pacer
e595f735-b42a-494b-afcd-b68666945cd3 Microsoft-Windows-Firewall
d1bc9aff-2abf-4d71-9146-ecb2a986eb85 Microsoft-Windows-Windows Firewall With Advanced Security
1a870028-f191-4699-8473-6fcd299eab77 Microsoft-Windows-Remotefs-Rdbss
67d07935-283a-4791-8f8d-fa9117f3e6f2 Microsoft-Windows-Wcmsvc
ff15e657-4f26-570e-88ab-0796b258d11c Microsoft-Quic
66a5c15c-4f8e-4044-bf6e-71d896038977 Microsoft-Windows-Iphlpsvc
# System services, security
0063715b-eeda-4007-9429-ad526f62696e Microsoft-Windows-Services
06184c97-5201-480e-92af-3a3626c5b140 Microsoft-Windows-Services-Svchost
555908d1-a6d7-4695-8e1e-26931d2012f4 Service Control Manager
dbe9b383-7cf3-4331-91cc-a3cb16a3b538 Microsoft-Windows-Winlogon
206f6dea-d3c5-4d10-bc72-989f03c8b84b Microsoft-Windows-Wininit
43e63da5-41d1-4fbf-aded-1bbed98fdd1d Microsoft-Windows-Subsys-SMSS
e8316a2d-0d94-4f52-85dd-1e15b66c5891 Microsoft-Windows-Subsys-Csr
9d55b53d-449b-4824-a637-24f9d69aa02f Microsoft-Windows-Winsrv
6ad52b32-d609-4be9-ae07-ce8dae937e39 Microsoft-Windows-RPC
f4aed7c7-a898-4627-b053-44a7caa12fcd Microsoft-Windows-RPC-Events
d8975f88-7ddb-4ed0-91bf-3adf48c48e0c Microsoft-Windows-RPCSS
bf406804-6afa-46e7-8a48-6c357e1d6d61 Microsoft-Windows-COMRuntime
d4263c98-310c-4d97-ba39-b55354f08584 Microsoft-Windows-COM
1b562e86-b7aa-4131-badc-b6f3a001407e Microsoft-Windows-DistributedCOM
de7b24ea-73c8-4a09-985d-5bdadcfa9017 Microsoft-Windows-TaskScheduler
945a8954-c147-4acd-923f-40c45405a658 Microsoft-Windows-WindowsUpdateClient
bd12f3b8-fc40-4a61-a307-b7a013a069c1 Microsoft-Windows-Servicing
54849625-5478-4994-a5ba-3e3b0328c30d Microsoft-Windows-Security-Auditing
98e6cfcb-ee0a-41e0-a57b-622d4e1b30b1 Microsoft-Windows-Security-Kerberos
ac43300d-5fcc-4800-8e99-1bd3f85f0320 Microsoft-Windows-NTLM
199fe037-2b82-40a9-82ac-e1d46c792b99 LsaSrv
f4e1897c-bb5d-5668-f1d8-040f4d8dd344 Microsoft-Windows-Threat-Intelligence
4ee76bd8-3cf4-44a0-a0ac-3937643e37a3 Microsoft-Windows-CodeIntegrity
f717d024-f5b4-4f03-9ab9-331b2dc38ffb Microsoft-Windows-DeviceGuard
5bbca4a8-b209-48dc-a8c7-b23d3e5216fb Microsoft-Windows-CAPI2
fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148 Microsoft-Windows-Eventlog
a7975c8f-ac13-49f1-87da-5a984a4ab417 Microsoft-Windows-WinRM
478ea8a8-00be-4ba6-8e75-8b9dc7db9f78 Microsoft-Windows-ESE
36b6f488-aad7-48c2-afe3-d4ec2c8b46fa Microsoft-Windows-Performance-Recorder-Control
030f2f57-abd0-4427-bcf1-3a3587d7dc7d Microsoft-Windows-Diagnostics-PerfTrack
d49918cf-9489-4bf1-9d7b-014d864cf71f Microsoft-Windows-ProcessStateManager
e6835967-e0d2-41fb-bcec-58387404e25a Microsoft-Windows-BrokerInfrastructure
f1ef270a-0d32-4352-ba52-dbab41e1d859 Microsoft-Windows-AppModel-Runtime
eb65a492-86c0-406a-bace-9912d595bd69 Microsoft-Windows-AppModel-Exec
70e74dd8-39db-5f6f-6fd1-f5581b29e834 Microsoft-Windows-Watchdog-Events
abce23e7-de45-4366-8631-84fa6c525952 Microsoft-Windows-WER-SystemErrorReporting
ecdaacfa-6fe9-477c-b5f0-85b76f8f50aa Microsoft-Windows-Crashdump
fd771d53-8492-4057-8e35-8c02813af49b Microsoft-Windows-ProcessExitMonitor
89b1e9f0-5aff-44a6-9b44-0a07a7ce5845 Microsoft-Windows-User Profiles Service
901d2afa-4ff6-46d7-8d0e-53645e1a47f5 Microsoft-Windows-Heap-Snapshot
cfeb0608-330e-4410-b00d-56d8da9986e6 Microsoft-Antimalware-AMFilter
c4b57d35-0636-4bc3-a262-370f249f9802 OpenSSH
# Hyper-V
52fc89f8-995e-434c-a91e-199986449890 Microsoft-Windows-Hyper-V-Hypervisor
6066f867-7ca1-4418-85fd-36e3f9c0600c Microsoft-Windows-Hyper-V-VMMS
51ddfa29-d5c8-4803-be4b-2ecb715570fe Microsoft-Windows-Hyper-V-Worker
17103e3f-3c6e-4677-bb17-3b267eb5be57 Microsoft-Windows-Hyper-V-Compute
f2e2ce31-0e8a-4e46-a03b-2e0fe97e93c2 Microsoft-Windows-Hyper-V-Guest-Drivers-Vmbus
`;

const NAMES: ReadonlyMap<string, string> = new Map(
  LIST.split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => [line.slice(0, 36), line.slice(37)]),
);

/** Published name of the provider; null where this list has none. `guid` in lower case, without braces. */
export function providerName(guid: string): string | null {
  return NAMES.get(guid) ?? null;
}

/** All providers that have a name here. */
export function knownProviders(): ReadonlyMap<string, string> {
  return NAMES;
}
