package org.openmmp.config.imported;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines are read with the shell's quoting and never run (rule B7.2). */
class CommandParserTest {
  private static ImportedText parse(String text) {
    return new CommandParser(text).parse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "msconfig set a.b c | a.b | c",
        "msconfig set a.b \"c d\" | a.b | c d",
        "msconfig set a.b 'c d' | a.b | c d",
        "msconfig set a.b c\\ d | a.b | c d",
        "msconfig set a.b \"c\"' d' | a.b | c d",
        "msconfig set a.b \"c \\\"d\\\" \\$e\" | a.b | c \"d\" $e",
        "msconfig set a.b c # why | a.b | c",
        "# msconfig set a.b c | a.b | c",
        "$ msconfig set a.b c | a.b | c",
        "root@mmp:/# msconfig set a.b c | a.b | c",
        "sudo msconfig set a.b c | a.b | c",
        "/opt/sun/comms/messaging64/bin/msconfig set a.b c | a.b | c",
        "msconfig> set a.b c | a.b | c",
        "msconfig# set a.b c | a.b | c",
        "msconfig set -prompt a.b c | a.b | c",
        "msconfig set a.b -c | a.b | -c",
        "cd /opt && msconfig set a.b c | a.b | c",
        "msconfig set 'proxy:x\\.y.z' c | proxy:x\\.y.z | c",
        "msconfig set proxy:x\\.y.z c | proxy:x.y.z | c",
        "msconfig set a.b \"\" | a.b | ~~",
      })
  void aSettingIsTaken(String text, String name, String value) {
    ImportedText read = parse(text);
    assertEquals(List.of(), read.faults());
    assertEquals(
        List.of(new ImportedText.Option(1, name, Optional.of(value), false)), read.options());
  }

  @Test
  void severalCommandsOnOneLineAreAllTaken() {
    ImportedText read = parse("msconfig set a.b c; msconfig set d.e f && start-msg; msconfig x\n");
    assertEquals(
        List.of("a.b (line 1)", "d.e (line 1)"),
        read.options().stream().map(ImportedText.Option::toString).toList());
    assertEquals(
        List.of(
            new ImportedText.Skipped(1, "start-msg"), new ImportedText.Skipped(1, "msconfig x")),
        read.skipped());
  }

  @Test
  void aCommandMayGoOverLines() {
    ImportedText read =
        parse("msconfig set a.b \"c\nd\"\nmsconfig set \\\n  e.f g\r\nmsconfig set h.i\n");
    assertEquals(
        List.of(
            new ImportedText.Option(1, "a.b", Optional.of("c\nd"), false),
            new ImportedText.Option(3, "e.f", Optional.of("g"), false),
            new ImportedText.Option(5, "h.i", Optional.empty(), false)),
        read.options());
  }

  @ParameterizedTest
  @ValueSource(strings = {"$HOSTS", "\"a $HOSTS\"", "`hosts`", "\"$(hosts)\""})
  void whatAShellWouldExpandIsMarked(String value) {
    assertEquals(
        List.of(new ImportedText.Option(1, "a.b", Optional.empty(), true)),
        parse("msconfig set a.b " + value).options());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "start-msg -m",
        "msconfig unset a.b",
        "msconfig run automatic-failover.rcp",
        "echo msconfig set a.b c",
        "On huey.example.com, don't forget:",
      })
  void anyOtherLineIsSkipped(String line) {
    ImportedText read = parse("\n" + line + "\n");
    assertEquals(List.of(), read.options());
    assertEquals(List.of(), read.faults());
    assertEquals(1, read.skipped().size());
    assertEquals(2, read.skipped().get(0).line());
  }

  @Test
  void commentsAndEmptyLinesAreSilent() {
    assertEquals(
        new ImportedText(List.of(), List.of(), List.of()),
        parse("# hosts\n\n#msconfig set a.b c\n   \n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"msconfig set a.b \"c", "msconfig set a.b c d", "msconfig set", "msconfig set 'a"})
  void whatCannotBeReadIsAFault(String line) {
    ImportedText read = parse(line + "\nmsconfig set e.f g\n");
    assertEquals(1, read.faults().size(), read::toString);
    assertEquals(1, read.faults().get(0).line());
    assertEquals(1, read.options().size());
    assertFalse(read.toString().contains(" d"));
  }
}
