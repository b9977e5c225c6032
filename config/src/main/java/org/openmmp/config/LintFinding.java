package org.openmmp.config;

/**
 * Something in a sound configuration that an operator may not have meant.
 *
 * @param key the key it is about
 * @param text what is said of the key, a sentence without its subject
 */
public record LintFinding(String key, String text) {
  @Override
  public String toString() {
    return key + " " + text;
  }
}
