package org.openmmp.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseable;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sees that each file that a configuration includes is text that can be read, before it is. */
final class CheckedIncludes implements ConfigIncluder, ConfigIncluderFile {
  /** The endings that HOCON's reader tries for a name without one. */
  private static final List<String> ENDINGS = List.of("", ".conf", ".json", ".properties");

  private final Reading reading;
  private final @Nullable ConfigIncluder library;

  /**
   * An includer.
   *
   * @param library the one that does the work; null until HOCON's reader has said which
   */
  CheckedIncludes(Reading reading, @Nullable ConfigIncluder library) {
    this.reading = reading;
    this.library = library;
  }

  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return new CheckedIncludes(reading, fallback);
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    for (String ending : ENDINGS) {
      @Nullable ConfigParseable beside = context.relativeTo(what + ending);
      String name = beside == null ? null : beside.origin().filename();
      if (name != null) {
        check(Path.of(name));
      }
    }
    return library().include(context, what);
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    for (String ending : ENDINGS) {
      check(Path.of(what.getPath() + ending));
    }
    if (library() instanceof ConfigIncluderFile files) {
      return files.includeFile(context, what);
    }
    throw new ConfigException.BugOrBroken("no includer of files");
  }

  private void check(Path file) {
    int mark = reading.mark();
    new SourceText(reading, file).check();
    if (!reading.cleanSince(mark)) {
      // A nesting that is refused must not be read.
      throw new ConfigException.Generic("an included file is refused");
    }
  }

  private ConfigIncluder library() {
    if (library == null) {
      throw new IllegalStateException("HOCON's reader has not said who includes");
    }
    return library;
  }
}
