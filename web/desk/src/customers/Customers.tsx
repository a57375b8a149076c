/** Find a customer, or see one. */
import { useQuery } from "@tanstack/react-query";
import { Input, Select } from "antd";
import { ArrowLeft, Search } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { vocabularyQuery } from "../groups/queries";
import type { CustomerLine } from "../net/types";
import { may, useMe } from "../session";
import { roughly } from "../ui/format";
import { Loaded, PageHead, Pill, Plate } from "../ui/parts";
import { path } from "../ui/route";
import { words } from "../wording";
import { PictureOf } from "./Picture";
import { customersQuery } from "./queries";

const w = words.customers;
const TAGS_SHOWN = 3;

function Line({ customer }: { customer: CustomerLine }) {
  const more = customer.tags.length - TAGS_SHOWN;
  return (
    <li>
      <a className="customer-line" href={path("customers", customer.id)}>
        <Plate name={customer.name} />
        <span className="customer-main">
          <span className="customer-name">
            <strong>{customer.name}</strong>
            <span className="faint">{customer.id}</span>
          </span>
          <span className="faint">
            {[customer.stage && (w.stages[customer.stage] ?? customer.stage), customer.level, customer.branch].filter(Boolean).join(" · ")}
          </span>
          <span className="customer-tags">
            {customer.tags.slice(0, TAGS_SHOWN).map((tag) => (
              <Pill key={tag.tag}>{tag.title}</Pill>
            ))}
            {more > 0 && <span className="faint">+{more}</span>}
          </span>
        </span>
        {customer.aum !== null && (
          <span className="customer-aum">
            <span className="faint">{w.aum}</span>
            <strong>{roughly(customer.aum)}</strong>
          </span>
        )}
      </a>
    </li>
  );
}

function Find() {
  const me = useMe();
  const [q, setQ] = useState("");
  const [tag, setTag] = useState<string>();
  const wanted = useDeferredValue(q.trim());
  const found = useQuery({ ...customersQuery(wanted, tag), placeholderData: (before) => before });
  const vocabulary = useQuery({ ...vocabularyQuery, enabled: may(me, "groups") });
  return (
    <div className="page">
      <PageHead title={w.heading} note={w.audited} />
      <div className="filters">
        <Input
          allowClear
          size="large"
          prefix={<Search aria-hidden size={18} />}
          aria-label={w.search}
          placeholder={w.search}
          maxLength={40}
          value={q}
          onChange={(event) => setQ(event.target.value)}
        />
        <Select
          allowClear
          showSearch
          size="large"
          optionFilterProp="label"
          aria-label={w.tag}
          placeholder={w.allTags}
          value={tag}
          onChange={setTag}
          options={vocabulary.data?.tags.map((one) => ({ value: one.tag, label: one.name }))}
        />
      </div>
      <Loaded query={found} empty={w.empty} isEmpty={(data) => data.customers.length === 0} rows={8}>
        {(data) => (
          <ul className="customer-list" aria-busy={found.isPlaceholderData}>
            {data.customers.map((customer) => (
              <Line key={customer.id} customer={customer} />
            ))}
          </ul>
        )}
      </Loaded>
    </div>
  );
}

export default function Customers({ parts: [id] }: { parts: string[] }) {
  if (!id) return <Find />;
  return (
    <div className="page">
      <a className="back" href={path("customers")}>
        <ArrowLeft aria-hidden />
        {w.heading}
      </a>
      <PictureOf key={id} id={id} />
    </div>
  );
}
