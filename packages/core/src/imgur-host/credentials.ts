import type { TransferError } from '../transfer-error.ts';

/** As whom requests are sent. */
export interface Credentials {
  /** The value of the Authorization header. Rejects with a `TransferError` when there is none to be had. */
  authorization(): string | Promise<string>;
  /** Told when Imgur took an image. */
  accepted(): void;
  /** Told when a reply refused the token of an authorization. Answers what the upload is to fail with. */
  refused(authorization: string, refusal: TransferError): Promise<TransferError>;
  /** Ends what is still to be done, within a few seconds. Never rejects. */
  close(): Promise<void>;
}

/** An application, without an account: there is nothing that could be renewed. */
export function clientIdCredentials(clientId: string): Credentials {
  return {
    authorization: () => `Client-ID ${clientId}`,
    accepted: () => {},
    refused: async (_authorization, refusal) => refusal,
    close: async () => {},
  };
}
