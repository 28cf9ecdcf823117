package org.elasticsearch.plugins;

import java.util.List;
import org.elasticsearch.Build;
import org.elasticsearch.common.settings.Settings;

/** Plugins given as classes; there is no folder of plugins to look into. */
public class ClassPathPlugins extends PluginsService {
  private final List<LoadedPlugin> loaded;

  public ClassPathPlugins(
      Settings settings, PluginsLoader loader, List<Class<? extends Plugin>> plugins) {
    super(settings, null, loader);
    loaded = plugins.stream().map(plugin -> load(plugin, settings)).toList();
  }

  private static LoadedPlugin load(Class<? extends Plugin> plugin, Settings settings) {
    String name = plugin.getName();
    PluginDescriptor descriptor = new PluginDescriptor(
        name, "on the class path", "1", Build.current().version(), "21", name, null, List.of(),
        false, false, false, false, null);
    return new LoadedPlugin(
        descriptor, loadPlugin(plugin, settings, null), plugin.getClassLoader());
  }

  @Override
  protected List<LoadedPlugin> plugins() {
    return loaded;
  }
}
