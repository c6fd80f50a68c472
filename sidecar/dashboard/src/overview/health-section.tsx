import { Badge, Text } from "@mantine/core";
import type { Health, JobHealth, ReplicaHealth } from "../../../src/dashboard/contract/overview.ts";
import { useAnswer } from "../api/use-answer.ts";
import { bytes } from "../format/bytes.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { Section } from "../parts/section.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import classes from "./overview.module.css";

const REFRESH_MS = 15_000;

export function HealthSection() {
  const health = useAnswer("overview/health", {}, { everyMs: REFRESH_MS });
  return (
    <Section title="Health">
      <AnswerView answer={health}>
        {({ replicas, database, jobs }) => (
          <div className={classes.health}>
            <Replicas replicas={replicas} />
            <DatabaseState database={database} />
            <Jobs jobs={jobs} />
          </div>
        )}
      </AnswerView>
    </Section>
  );
}

function Replicas({ replicas }: { replicas: ReplicaHealth[] }) {
  return (
    <ul className={classes.states} aria-label="Replicas">
      {replicas.map(({ id, state, differs, isThisOne, version, seenAt }) => (
        <li key={id} className={classes.state}>
          <State isGood={state === "up"} good="Up" bad="Gone" />
          <span>
            {isThisOne ? "This replica" : "Replica"} <code>{id.slice(0, 8)}</code>, {version}
          </span>
          {differs && (
            <Badge variant="light" color="orange" tt="none" radius="sm">
              Different policy
            </Badge>
          )}
          <Text size="xs" c="dimmed" component="span">
            seen <Timestamp time={seenAt} isRelative />
          </Text>
        </li>
      ))}
    </ul>
  );
}

function DatabaseState({ database }: Pick<Health, "database">) {
  const { kind, answerMs, sizeBytes } = database;
  return (
    <ul className={classes.states} aria-label="Database">
      <li className={classes.state}>
        <State isGood={answerMs !== null} good="Up" bad="No answer" />
        <span>{kind === "postgres" ? "Postgres" : "Embedded database"}</span>
        <Text size="xs" c="dimmed" component="span">
          {answerMs !== null && `answers in ${Math.max(1, Math.round(answerMs))} ms`}
          {sizeBytes !== null && `, ${bytes(sizeBytes)}`}
        </Text>
      </li>
    </ul>
  );
}

function Jobs({ jobs }: { jobs: JobHealth[] }) {
  return (
    <ul className={classes.states} aria-label="Jobs">
      {jobs.map(({ name, lastSucceededAt, lastError }) => (
        <li key={name} className={classes.state}>
          <State isGood={lastError === null} good={lastSucceededAt === null ? "Waiting" : "Up"} bad="Failing" />
          <span>{name.replaceAll(/[-_]/g, " ")}</span>
          <Text size="xs" c="dimmed" component="span">
            {lastSucceededAt === null ? "has not run yet" : <Succeeded at={lastSucceededAt} />}
          </Text>
          {lastError !== null && (
            <Text size="xs" c="var(--mantine-color-error)">
              {lastError}
            </Text>
          )}
        </li>
      ))}
    </ul>
  );
}

function Succeeded({ at }: { at: number }) {
  return (
    <>
      done <Timestamp time={at} isRelative />
    </>
  );
}

function State({ isGood, good, bad }: { isGood: boolean; good: string; bad: string }) {
  return (
    <Badge variant="light" color={isGood ? "teal" : "red"} tt="none" radius="sm">
      {isGood ? good : bad}
    </Badge>
  );
}
