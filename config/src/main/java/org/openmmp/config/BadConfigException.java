package org.openmmp.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used, with every mistake in it (rule B7.1). */
public final class BadConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<ConfigProblem> problems;

  /** Names all the mistakes in the message, a line each. */
  BadConfigException(List<ConfigProblem> problems) {
    super(problems.stream().map(ConfigProblem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** Every mistake, at least one, in the order of their places. */
  public List<ConfigProblem> problems() {
    return problems;
  }
}
