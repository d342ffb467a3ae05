// What is wrong or wanted, and the chains in which agents see to it.

import { useSearch } from "@tanstack/react-router";
import { useSearchChange } from "@/app/navigate";
import { Segmented } from "@/ui/bits";
import { Chains } from "./chains";
import { Issues } from "./issues";

export default function IssuesPage() {
  const search = useSearch({ from: "/p/$slug/issues" });
  const change = useSearchChange();
  const controls = (
    <Segmented
      label="Which"
      value={search.tab === "chains" ? "chains" : "issues"}
      options={[
        { value: "issues", label: "Issues" },
        { value: "chains", label: "Chains" },
      ]}
      onChange={(tab) => change({ tab: tab === "issues" ? undefined : tab, id: undefined })}
    />
  );
  return search.tab === "chains" ? (
    <Chains controls={controls} />
  ) : (
    <Issues controls={controls} status={search.status} onStatus={(status) => change({ status, id: undefined })} />
  );
}
