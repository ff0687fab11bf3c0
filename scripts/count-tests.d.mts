interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}
interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}
export function countTests(report: Report): Counts;
export function closingLine(counts: Counts): string;
