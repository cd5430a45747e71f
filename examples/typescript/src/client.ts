// One typed way to ask the gateway: documents know their variables and results, refusals become errors with a code.

import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

import { type Client as Stream, createClient } from "graphql-sse";

import type { TypedDocumentString } from "./api/graphql.js";

/** An error of a request, as the gateway tells it. */
export class GatewayError extends Error {
  constructor(
    message: string,
    /** By which programs tell errors apart; stable. */
    readonly code: string,
    /** Names the request in the gateway's log. */
    readonly requestId: string | undefined,
  ) {
    super(message);
  }
}

interface Answer<Result> {
  data?: Result | null;
  errors?: { message: string; extensions?: { code?: string } }[];
  extensions?: { requestId?: string };
}

/** Pauses before a request is sent again that could not be answered, in milliseconds. */
const PAUSES = [200, 1_000, 5_000];

export class Gateway {
  private readonly stream: Stream;

  constructor(
    private readonly address: string,
    private readonly token: string,
  ) {
    const headers = { authorization: `Bearer ${token}` };
    this.stream = createClient({ url: `${address}/graphql`, headers, retryAttempts: 5 });
  }

  /** Asks; what was unavailable is asked again. Mutations may be sent again as they carry an idempotency key. */
  async ask<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    ...[variables]: Variables extends Record<string, never> ? [] : [Variables]
  ): Promise<Result> {
    for (const delay of PAUSES) {
      try {
        return await this.askOnce(document.toString(), variables);
      } catch (error) {
        if (!(error instanceof GatewayError) || error.code !== "UNAVAILABLE") throw error;
        await pause(delay);
      }
    }
    return this.askOnce(document.toString(), variables);
  }

  /** What happens from now on, until the returned function is called. */
  subscribe<Result>(
    document: TypedDocumentString<Result, Record<string, never>>,
    heard: (news: Result) => void,
    ended: (error?: unknown) => void = () => {},
  ): () => void {
    return this.stream.subscribe<Result>(
      { query: document.toString() },
      {
        next: ({ data }) => data && heard(data as Result),
        error: ended,
        complete: () => ended(),
      },
    );
  }

  private async askOnce<Result>(query: string, variables: unknown): Promise<Result> {
    const response = await fetch(`${this.address}/graphql`, {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json",
        authorization: `Bearer ${this.token}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await response.json()) as Answer<Result>;
    const [error] = answer.errors ?? [];
    if (error || !answer.data) {
      const code = error?.extensions?.code ?? "INTERNAL";
      throw new GatewayError(error?.message ?? response.statusText, code, answer.extensions?.requestId);
    }
    return answer.data;
  }
}

/** A key for one new request: sent again with it, the request is answered and not done again. */
export const newKey = (): string => randomUUID();
