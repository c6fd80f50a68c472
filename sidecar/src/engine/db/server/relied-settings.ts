interface Setting {
  name: string;
  value: string;
  /** What other values will do, as SQL. Default: none. */
  fits?: string;
  /** A pooler has its own rules for this. */
  isForPooler?: boolean;
  /** Only a superuser could set it, so it must fit from the start. */
  isGiven?: boolean;
}

const own = (name: string) => `current_setting('${name}', true)`;

/** What statements rely on, whatever the role, the database and the server have set. */
const RELIED_ON: readonly Setting[] = [
  // In any other, a transaction does not see what the one that it has waited for has changed: limits would be exceeded.
  { name: "default_transaction_isolation", value: "read committed" },
  // Otherwise a crash of the server may bring sessions back whose end was confirmed.
  { name: "synchronous_commit", value: "on", fits: `${own("synchronous_commit")} <> 'off'` },
  // A time as text otherwise names its zone by letters that mean several zones.
  { name: "DateStyle", value: "ISO", fits: `${own("DateStyle")} LIKE 'ISO%'` },
  // Times are numbers of milliseconds, and fewer digits cut them off.
  { name: "extra_float_digits", value: "1", fits: `${own("extra_float_digits")}::integer > 0` },
  { name: "standard_conforming_strings", value: "on" },
  // As a replica, Postgres checks no foreign key and deletes nothing that belongs to what was deleted.
  {
    name: "session_replication_role",
    value: "origin",
    fits: `${own("session_replication_role")} <> 'replica'`,
    isGiven: true,
  },
  // A policy for rows then makes a statement fail, and hides nothing from it.
  { name: "row_security", value: "off", isForPooler: true },
  // Postgres 17 and newer.
  { name: "transaction_timeout", value: "0", isForPooler: true },
];

const isMisfit = ({ name, value, fits = `${own(name)} = '${value}'` }: Setting) => `NOT (${fits})`;

/** SQL that sets them on a connection of our own. */
export const SET_RELIED_ON = `concat(${RELIED_ON.filter(({ isGiven }) => !isGiven)
  .map((setting) => `CASE WHEN ${isMisfit(setting)} THEN set_config('${setting.name}', '${setting.value}', false) END`)
  .join(", ")})`;

const namesOf = (settings: readonly Setting[]) =>
  `array_remove(ARRAY[${settings.map((setting) => `CASE WHEN ${isMisfit(setting)} THEN '${setting.name}' END`).join(", ")}], NULL)`;

/** SQL for the names of those that do not fit, and that a connection of our own cannot set either. */
export const GIVEN_MISFITS = namesOf(RELIED_ON.filter(({ isGiven }) => isGiven));

/** SQL for the names of those that do not fit and must not be set, as the backend has other clients. */
export const MISFITS = namesOf(RELIED_ON.filter(({ isForPooler }) => !isForPooler));

/** A setting has a value that statements cannot work with, and the connection cannot change it. */
export class SettingMisfit extends Error {
  override readonly name = "SettingMisfit";

  constructor(names: readonly string[], { isPooled }: { isPooled: boolean }) {
    const misfits = RELIED_ON.filter(({ name }) => names.includes(name));
    const changes = misfits.map(({ name, value }) => `ALTER ROLE … SET ${name} = '${value}'`);
    super(
      `${isPooled ? "behind a pooler " : ""}these settings must be right for the role from the start: ${names.join(", ")}. Run: ${changes.join("; ")}`,
    );
  }
}
