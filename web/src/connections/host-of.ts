// The host of an address, as a person knows a server by; the address itself where it is none.
export function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}
