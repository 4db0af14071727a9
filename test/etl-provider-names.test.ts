/** Names of well-known providers. */
import { describe, expect, it } from 'vitest';
import { knownProviders, providerName } from '../parsers/etl/decode/provider-names.js';

describe('provider names', () => {
  it.each([
    ['e13c0d23-ccbc-4e12-931b-d9cc2eee27e4', 'Microsoft-Windows-DotNETRuntime'],
    ['9e814aad-3204-11d2-9a82-006008a86939', 'MSNT_SystemTrace'],
    ['b3e675d7-2554-4f18-830b-2762732560de', 'ImageID'],
    ['331c3b3a-2005-44c2-ac5e-77220c37d6b4', 'Microsoft-Windows-Kernel-Power'],
    ['d1bc9aff-2abf-4d71-9146-ecb2a986eb85', 'Microsoft-Windows-Windows Firewall With Advanced Security'],
    ['f2e2ce31-0e8a-4e46-a03b-2e0fe97e93c2', 'Microsoft-Windows-Hyper-V-Guest-Drivers-Vmbus'],
  ])('%s is %s', (guid, name) => {
    expect(providerName(guid)).toBe(name);
  });

  it('has no name for GUIDs it does not know, for blanks and for comments of the list', () => {
    expect(providerName('00000000-0000-0000-0000-000000000000')).toBeNull();
    expect(providerName('')).toBeNull();
    expect(providerName('# Network')).toBeNull();
  });

  it('keeps one well-formed GUID and one name on each line', () => {
    expect(knownProviders().size).toBe(190);
    for (const [guid, name] of knownProviders()) {
      expect(guid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(name).toMatch(/^[A-Z][\w. -]*\w$/);
    }
    expect(new Set(knownProviders().values()).size).toBe(190);
  });
});
