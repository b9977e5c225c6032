package org.openmmp.storesim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElectionTest {
  /** Members are {@code name:up|down:record:priority}, in list order. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      textBlock =
          """
          newest log wins over priority     | a:down:9:100 b:up:7:1 c:up:6:200 | false | b
          equal logs go by priority         | a:down:9:100 b:up:7:1 c:up:7:200 | false | c
          equal in all go by list order     | a:down:9:100 b:up:7:5 c:up:7:5   | false | b
          a master that hears all is kept   | a:up:9:100 b:up:9:100 c:up:9:100 | false | a
          priority 0 never, newest log too  | a:down:9:100 b:up:9:0 c:up:2:1   | false | c
          only priority 0 is left           | a:down:9:100 b:up:9:0 c:up:2:0   | false | none
          nobody runs                       | a:down:9:100 b:down:9:1          | true  | none
          survivor of two, twosites off     | a:down:9:100 b:up:9:100          | false | none
          survivor of two, twosites on      | a:down:9:100 b:up:9:100          | true  | b
          survivor of two with priority 0   | a:down:9:100 b:up:9:0            | true  | none
          both of two are back              | a:up:8:100 b:up:9:100            | false | b
          lone survivor of three            | a:down:9:100 b:down:9:1 c:up:9:1 | false | none
          lone survivor, whatever twosites  | a:down:9:100 b:down:9:1 c:up:9:1 | true  | none
          two of three are a quorum         | a:down:9:100 b:up:9:1 c:up:9:2   | false | c
          half of four is none              | a:down:9:1 b:down:9:1 c:up:9:1 d:up:9:1 | true | none
          priority 0 votes                  | a:down:9:100 b:up:9:0 c:up:9:1   | false | c
          a group of one                    | a:up:1:100                       | false | a
          """)
  void followsLogThenPriorityThenOrder(
      String why, String members, boolean twoSites, String master) { // B2.11
    Election.Decision decision = Election.decide(parse(members), twoSites);
    assertEquals(master, decision.master(), why + ": " + decision.reason());
  }

  private static List<Election.Candidate> parse(String members) {
    return Arrays.stream(members.split(" ", -1))
        .map(member -> member.split(":", -1))
        .map(
            part ->
                new Election.Candidate(
                    part[0],
                    part[1].equals("up"),
                    Long.parseLong(part[2]),
                    Integer.parseInt(part[3])))
        .toList();
  }
}
