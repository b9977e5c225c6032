package org.openmmp.config;

/**
 * One mistake in the configuration (rule B7.1).
 *
 * @param place where it stands
 * @param key the whole key, such as {@code openmmp.proxy.cluster1.imapport}; empty if the text
 *     could not be read as far as that
 * @param found what stands there; never a password
 * @param accepted what may stand there
 */
public record ConfigProblem(ConfigPlace place, String key, String found, String accepted) {
  @Override
  public String toString() {
    return place
        + (key.isEmpty() ? "" : ": " + key)
        + ": found "
        + found
        + "; accepted: "
        + accepted;
  }
}
