/** How many are left after each step. */
export function Funnel({ steps }: { steps: { title: string; value: number }[] }) {
  const first = steps[0]?.value ?? 0;
  return (
    <ol className="funnel">
      {steps.map((step, index) => {
        const share = first > 0 ? step.value / first : 0;
        return (
          <li key={step.title}>
            <span>{step.title}</span>
            <span className="funnel-track" aria-hidden>
              <i style={{ width: `${Math.min(1, share) * 100}%` }} />
            </span>
            <strong>{step.value.toLocaleString("zh-CN")}</strong>
            <span className="faint">{index > 0 && first > 0 ? `${(share * 100).toFixed(1)}%` : ""}</span>
          </li>
        );
      })}
    </ol>
  );
}
