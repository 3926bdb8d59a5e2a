/** As much of oidc-provider, which brings no types, as the tests use. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  type Token = { accountId: string; grantId: string; destroy(): Promise<void> };

  export default class Provider {
    constructor(issuer: string, configuration: object);
    callback(): RequestListener;
    on(event: string, listener: (...given: never[]) => void): this;
    AccessToken: { find(value: string): Promise<Token | undefined> };
    Grant: { find(id: string): Promise<Token | undefined> };
  }
}
