/** The message renderer that both pages share: types, components, host. Styles: import "@shared/styles/index.css". */
export { maskText } from "./figures";
export { type Host, HostProvider, type SaySource, useHost } from "./host";
export type * from "./messages";
export { MessageView } from "./MessageView";
