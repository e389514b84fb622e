/** All that an answer says; of one that stays open, what it says first. */
export async function textOf(answer: Response): Promise<string> {
  const staysOpen = answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (!staysOpen || answer.body === null) return answer.text();
  const reader = answer.body.getReader();
  const { value } = (await reader.read()) as { readonly value?: Uint8Array };
  await reader.cancel();
  return new TextDecoder().decode(value);
}
