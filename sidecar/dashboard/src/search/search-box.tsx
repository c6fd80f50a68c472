import { Combobox, Kbd, Text, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { type FormEvent, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { useAnswer } from "../api/use-answer.ts";
import { visibleText } from "../format/visible.ts";
import { findPath, hitPath, KIND_NAMES } from "./hits.ts";
import classes from "./search.module.css";

const PAUSE_MS = 150;
const MAX_CHARS = 1024;

/** Finds everything from every page: "/" or Ctrl-K, a few letters, the arrow keys, Enter. */
export function SearchBox() {
  const input = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const wanted = text.trim();
  const [settled] = useDebouncedValue(wanted, PAUSE_MS);
  const answer = useAnswer("search/find", { text: settled }, { enabled: settled !== "" });
  // Never the hits of an earlier text.
  const hits = settled === wanted && wanted !== "" ? (answer.data?.hits ?? []) : [];
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });

  function begin() {
    input.current?.focus();
    input.current?.select();
  }
  useHotkeys([["/", begin]]);
  useHotkeys([["mod+K", begin]], []);

  function go(path: string) {
    combobox.closeDropdown();
    navigate(path);
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    if (wanted !== "") go(findPath(wanted));
  }

  return (
    <search className={classes.search}>
      <form onSubmit={submit}>
        {/* In place, because screen readers look for content in landmarks, and a portal is in none. */}
        <Combobox store={combobox} onOptionSubmit={go} withinPortal={false} transitionProps={{ duration: 0 }}>
          <Combobox.Target withExpandedAttribute>
            <TextInput
              ref={input}
              role="combobox"
              aria-label="Find a user, session, address, tag, device or key"
              placeholder="User, session, address, tag…"
              leftSection={<IconSearch size={16} aria-hidden />}
              rightSection={<Kbd aria-hidden>/</Kbd>}
              autoComplete="off"
              spellCheck={false}
              maxLength={MAX_CHARS}
              value={text}
              onChange={({ currentTarget }) => {
                setText(currentTarget.value);
                combobox.resetSelectedOption();
                combobox.openDropdown();
              }}
              onFocus={() => combobox.openDropdown()}
              onBlur={() => combobox.closeDropdown()}
            />
          </Combobox.Target>
          <Combobox.Dropdown hidden={hits.length === 0}>
            <Combobox.Options aria-label="What was found">
              {hits.map((hit) => (
                <Combobox.Option key={`${hit.kind} ${hit.text}`} value={hitPath(hit)} className={classes.hit}>
                  <span className={classes.text}>{visibleText(hit.text)}</span>
                  <Text span size="xs" c="dimmed">
                    {KIND_NAMES[hit.kind]}
                    {"userId" in hit && ` of ${visibleText(hit.userId)}`}
                  </Text>
                </Combobox.Option>
              ))}
            </Combobox.Options>
          </Combobox.Dropdown>
        </Combobox>
      </form>
    </search>
  );
}
