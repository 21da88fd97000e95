import { expect, test } from "@jest/globals";
import type { TokenAuthenticator } from "../../../runtime/webhook/index.ts";
import { serve } from "./serving.ts";

const authenticator: TokenAuthenticator = {
  async authenticate({ token }) {
    if (token === "broken") throw new Error("the directory does not answer");
    if (token === "narrow") return Promise.resolve({ user: { username: "anna" }, audiences: ["vault"] });
    return token === "good" ? { user: { username: "anna", uid: "42", groups: ["crew"], extra: { scope: ["all"] } } } : undefined;
  },
};

async function review(spec: unknown, apiVersion = "authentication.k8s.io/v1"): Promise<unknown> {
  await using served = await serve((server) => server.authenticate("/authenticate", authenticator));
  const { code, text } = await served.post("/authenticate", { apiVersion, kind: "TokenReview", spec });
  expect(code).toBe(200);
  return JSON.parse(text);
}

test("a token's owner is told, with all that is known of them", async () => {
  expect(await review({ token: "good" })).toEqual({
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenReview",
    status: { authenticated: true, user: { username: "anna", uid: "42", groups: ["crew"], extra: { scope: ["all"] } } },
  });
});

test("a token of nobody's is not authenticated", async () => {
  expect(await review({ token: "bad" })).toMatchObject({ status: { authenticated: false } });
});

test("audiences are those that the request asks for and the token is good for", async () => {
  expect(await review({ token: "good", audiences: ["api"] })).toMatchObject({ status: { authenticated: true, audiences: ["api"] } });
  expect(await review({ token: "narrow", audiences: ["api", "vault"] })).toMatchObject({
    status: { authenticated: true, audiences: ["vault"] },
  });
  expect(await review({ token: "narrow", audiences: ["api"] })).toMatchObject({
    status: { authenticated: false, error: "the token is meant for another audience" },
  });
});

test("v1beta1 is answered as v1beta1, other versions are refused", async () => {
  expect(await review({ token: "good" }, "authentication.k8s.io/v1beta1")).toMatchObject({
    apiVersion: "authentication.k8s.io/v1beta1",
    status: { authenticated: true },
  });
  expect(await review({ token: "good" }, "authentication.k8s.io/v2")).toMatchObject({
    apiVersion: "authentication.k8s.io/v2",
    status: { authenticated: false, error: expect.stringContaining("expected apiVersion") as unknown },
  });
});

test("an authenticator that throws, and a review without a token, are answers", async () => {
  expect(await review({ token: "broken" })).toMatchObject({ status: { authenticated: false, error: "the directory does not answer" } });
  expect(await review({})).toMatchObject({ status: { authenticated: false, error: "spec.token is missing" } });
});
