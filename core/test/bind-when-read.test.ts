import { describe, expect, it } from "vitest";
import { bindWhenRead } from "../src/gate/actions/bind-when-read.ts";

class Counter {
  #count = 0;

  get count() {
    return this.#count;
  }

  add(more: number) {
    this.#count += more;
    return this.#count;
  }
}
bindWhenRead(Counter.prototype);

describe("methods that are bound when they are read", () => {
  it("work without their object", () => {
    const counter = new Counter();
    const { add } = counter;
    expect([add(2), add(3), counter.count]).toEqual([2, 5, 5]);
  });

  it("belong to the object that they were read of", () => {
    const [one, other] = [new Counter(), new Counter()];
    one.add(1);
    other.add(10);
    expect([one.count, other.count]).toEqual([1, 10]);
  });

  it("stay the same function", () => {
    const counter = new Counter();
    expect(counter.add).toBe(counter.add);
    expect(counter.add).not.toBe(new Counter().add);
  });

  it("can be replaced on one object", () => {
    const counter = new Counter();
    counter.add = () => 7;
    expect([counter.add(1), new Counter().add(1)]).toEqual([7, 1]);
  });

  it("cost nothing until then", () => {
    expect(Object.getOwnPropertyNames(new Counter())).toEqual([]);
  });
});
