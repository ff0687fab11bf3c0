export interface DockerStage {
  readonly base: string;
  readonly steps: readonly { readonly instruction: string; readonly args: string }[];
  readonly env: Readonly<Record<string, string>>;
  readonly workdir?: string;
  readonly user?: string;
  readonly entrypoint?: readonly string[];
  readonly healthcheck?: readonly string[];
}
export function readDockerfile(text: string): { readonly stages: readonly DockerStage[] };
