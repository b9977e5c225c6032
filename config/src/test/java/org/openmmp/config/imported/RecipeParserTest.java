package org.openmmp.config.imported;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Recipes are read as text: their settings are taken, their statements never run (rule B7.2). */
class RecipeParserTest {
  private static ImportedText parse(String text) {
    return new RecipeParser(text).parse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "set_option(\"a.b\", \"c\"); | a.b | c",
        "set_option ( 'a.b' , 'c' ) ; | a.b | c",
        "set_option(\"a.b\", \"c\") | a.b | c",
        "set_option(\"a.b\", \"c d\" . \" e\" + \" f\"); | a.b | c d e f",
        "set_option(\"proxy:x\\\\.y.z\", \"\\\"q\\\"\"); | proxy:x\\.y.z | \"q\"",
        "set_option(\"proxy:x\\.y.z\", \"c\"); | proxy:x\\.y.z | c",
        "/* set_option(\"x\"); */ set_option(\"a.b\", /* why */ \"c\"); // end | a.b | c",
        "set_option(\"a.b\", \"c # no comment\"); # a comment | a.b | c # no comment",
      })
  void aSettingIsTaken(String text, String name, String value) {
    ImportedText read = parse(text);
    assertEquals(List.of(), read.faults());
    assertEquals(List.of(), read.skipped());
    assertEquals(
        List.of(new ImportedText.Option(1, name, Optional.of(value), false)), read.options());
  }

  @Test
  void aSettingOverManyLinesHasTheLineItBeginsIn() {
    ImportedText read =
        parse(
            """
            # hosts
            set_option(
              "a.b",   // the name
              "c"
              . " d\\te"
            );
            set_option("f.g");
            """);
    assertEquals(
        List.of(
            new ImportedText.Option(2, "a.b", Optional.of("c d\te"), false),
            new ImportedText.Option(7, "f.g", Optional.empty(), false)),
        read.options());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "if (exists_option(\"x\")) { set_option(\"a.b\", \"evil\"); } else { set_option(\"a.b\", 1); }",
        "for (;;) { set_option(\"a.b\", \"evil\"); }",
        "print(\"set_option(\\\"a.b\\\", \\\"evil\\\");\");",
        "x = set_option(\"a.b\", \"evil\");",
        "if (1) set_option(\"a.b\", \"evil\");",
        "delete_option(\"a.b\");",
        "set_option(name, \"evil\");",
        "set_option(\"a\" . name, \"evil\");",
      })
  void anyOtherStatementIsSkippedAsAWhole(String statement) {
    ImportedText read = parse(statement + "\nset_option(\"c.d\", \"e\");\n");
    assertEquals(List.of(), read.faults());
    assertEquals(
        List.of(new ImportedText.Option(2, "c.d", Optional.of("e"), false)), read.options());
    assertEquals(1, read.skipped().size());
    assertEquals(1, read.skipped().get(0).line());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "set_option(\"a.b\", value);",
        "set_option(\"a.b\", \"c\" . value);",
        "set_option(\"a.b\", f(\"c\", \"d\"));",
        "set_option(\"a.b\", \"c\" \"d\");",
        "set_option(\"a.b\", 5);",
      })
  void aValueThatIsMoreThanTextIsMarked(String text) {
    assertEquals(
        List.of(new ImportedText.Option(1, "a.b", Optional.empty(), true)), parse(text).options());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\nset_option(\"a.b\", \"c);\n",
        "\n/* set_option(\"a.b\", \"c\");",
        "\nset_option \"a.b\", \"c\";",
        "\nset_option(\"a.b\", \"c\", \"d\");",
        "\nset_option(\"a.b\", \"c\" set_option(\"e.f\", \"g\");",
        "\nset_option(\"a.b\", \"c\"\nset_option(\"e.f\", \"g\");",
      })
  void whatCannotBeReadIsAFaultWithItsLine(String text) {
    ImportedText read = parse(text);
    assertEquals(List.of(), read.options());
    assertEquals(1, read.faults().size(), read::toString);
    assertEquals(2, read.faults().get(0).line());
  }
}
