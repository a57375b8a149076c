/** A new id, also where the page is not served over a secure line (randomUUID is missing there). */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
