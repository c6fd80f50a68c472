/** What was entered in the dialog of a webhook. */
export function readWebhookForm(fields: FormData) {
  const listOf = (name: string) => (fields.has(`${name}-limited`) ? fields.getAll(name).map(String) : null);
  const tags = String(fields.get("tags"))
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");
  return {
    name: String(fields.get("name")).trim(),
    url: String(fields.get("url")).trim(),
    types: listOf("type"),
    endReasons: listOf("end-reason"),
    tags: tags.length > 0 ? tags : null,
    sendsClient: fields.has("sends-client"),
    isDisabled: !fields.has("enabled"),
  };
}
