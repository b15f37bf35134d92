// A conversation as a client has it, with any fetch.
export async function converse({ fetch, baseUrl, apiKey }, prompt = "Refund the failed charge") {
  const call = async (path, json) => {
    const response = await fetch(baseUrl + path, {
      method: json ? "POST" : "GET",
      headers: { Authorization: `Bearer ${apiKey}`, "User-Agent": "test/1",
                 ...(json && { "Content-Type": "application/json" }) },
      body: json && JSON.stringify(json),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${answer.error}`);
    return answer;
  };
  const turn = await call("/conversations/start", { agent_id: "billing-agent", prompt });
  const statuses = [];
  while (!["completed", "failed"].includes(statuses.at(-1))) {
    statuses.push((await call(`/messages/${turn.message_id}`)).status);
  }
  const { messages } = await call(`/conversations/${turn.job_id}/messages`);
  return { statuses, reply: messages.find(({ role }) => role === "assistant")?.content };
}
export const REPLY = 'Refunded cus_123 as asked: "Refund the failed charge"';
