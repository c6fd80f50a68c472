import { Kbd, TextInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { type FormEvent, useRef } from "react";
import { useNavigate } from "react-router";
import { sessionsPath } from "../sessions/filters.ts";
import classes from "./shell.module.css";

/** Finds a user's sessions from every page, because that is the most common question. */
export function UserSearch() {
  const input = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  useHotkeys([["/", () => input.current?.focus()]]);

  function submit(event: FormEvent) {
    event.preventDefault();
    const userId = input.current?.value.trim();
    if (userId) navigate(sessionsPath({ userId }));
  }

  return (
    <search className={classes.search}>
      <form onSubmit={submit}>
        <TextInput
          ref={input}
          aria-label="Find the sessions of a user by user id"
          placeholder="User id"
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={<Kbd aria-hidden>/</Kbd>}
          autoComplete="off"
          spellCheck={false}
        />
      </form>
    </search>
  );
}
