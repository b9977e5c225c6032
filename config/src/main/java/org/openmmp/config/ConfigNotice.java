package org.openmmp.config;

/**
 * Something in the configuration that does no harm and has no effect, such as another product's
 * option (rule B7.2).
 *
 * @param place where it stands
 * @param text one sentence for the log
 */
public record ConfigNotice(ConfigPlace place, String text) {
  @Override
  public String toString() {
    return place + ": " + text;
  }
}
