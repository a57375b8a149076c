/** One message of any type. Types that are not known yet say so instead of breaking the page. */
import { Card, List, Table, Text } from "./Blocks";
import { FormStep, QuickReplies } from "./Buttons";
import { Chart } from "./charts/Chart";
import type { Message } from "./messages";
import { Disclosure, Link, Qr, Source } from "./Notes";
import { Product } from "./Product";
import { words } from "./wording";

export function MessageView({ message }: { message: Message }) {
  switch (message.type) {
    case "text":
      return <Text message={message} />;
    case "card":
      return <Card message={message} />;
    case "list":
      return <List message={message} />;
    case "table":
      return <Table message={message} />;
    case "product":
      return <Product message={message} />;
    case "chart":
      return <Chart message={message} />;
    case "quick_replies":
      return <QuickReplies message={message} />;
    case "form_step":
      return <FormStep message={message} />;
    case "disclosure":
      return <Disclosure message={message} />;
    case "source":
      return <Source message={message} />;
    case "link":
      return <Link message={message} />;
    case "qr":
      return <Qr message={message} />;
    default:
      return <p className="pb-note">{words.unknown}</p>;
  }
}
