#include "cli/cli.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/fail.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/option.h"
#include "cli/sources.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

constexpr std::int64_t kMaxPngImages = 2000;  // 200 rows of ten

/// Refuses an option without effect. The command line may leave one of a config file so, by the
/// option that `needed` begins with.
void need(const Given& given, const char* option, bool has_effect, const std::string& needed) {
  const auto found = given.find(option);
  if (has_effect || found == given.end()) return;
  const auto& [name, source] = *found;
  const auto other = given.find(needed.substr(0, needed.find(' ')));
  const bool is_overridden = !source.empty() && other != given.end() && other->second.empty();
  if (!is_overridden) fail(ErrorKind::kUsage, "{}{} requires {}", source, name, needed);
}

struct AugmentParameter {
  const char* name;
  Augment least;       ///< the first kind that it has an effect on
  const char* needed;  ///< the kinds, for a message
};

constexpr AugmentParameter kAugmentParameters[] = {
    {"--translate", Augment::kShift, "--augment shift, affine or elastic"},
    {"--degrees", Augment::kAffine, "--augment affine or elastic"},
    {"--scale", Augment::kAffine, "--augment affine or elastic"},
    {"--shear", Augment::kAffine, "--augment affine or elastic"},
    {"--stroke", Augment::kAffine, "--augment affine or elastic"},
    {"--alpha", Augment::kElastic, "--augment elastic"},
    {"--sigma", Augment::kElastic, "--augment elastic"},
};

bool applies(const std::string& name, Augment kind) {
  return std::ranges::none_of(kAugmentParameters, [&](const AugmentParameter& one) {
    return name == one.name && kind < one.least;
  });
}

void check_augment(const AugmentOptions& augment, const Given& given) {
  for (const auto& [name, least, needed] : kAugmentParameters) {
    need(given, name, augment.kind >= least, needed);
  }
  const double pixels = augment.largest_translation();
  if (augment.kind == Augment::kShift && (pixels < 1 || pixels != std::floor(pixels))) {
    fail(ErrorKind::kUsage,
         "--translate: expected a whole number from 1 to {} with --augment shift, found '{}'",
         kImageSide, shortest(pixels));
  }
}

void check_run(const Options& options, const Given& given) {
  for (const char* option : {"--save-every", "--resume", "--overwrite", "--skip-if-done"}) {
    need(given, option, !options.output.dir.empty(), "--out");
  }
  need(given, "--patience", options.data.validation > 0, "--validation");
  check_augment(options.training.augment, given);
}

void check_show(const ShowOptions& show, const Given& given) {
  const bool augments = show.augment.kind != Augment::kNone;
  check_augment(show.augment, given);
  need(given, "--augment", !augments || show.shown_split() == Split::kTrain, "training images");
  need(given, "--epoch", augments, "--augment");
  need(given, "--seed", show.random || augments, "--random or --augment");
  need(given, "--wrong", !show.model.empty(), "--model");
  need(given, "--model", show.wrong, "--wrong");
  if (!show.png.empty() && show.count > kMaxPngImages) {
    fail(ErrorKind::kUsage, "--count: expected at most {} with --png, found {}", kMaxPngImages,
         show.count);
  }
}

/// Help without aliases: an option has its first name, its letter and the name that switches it
/// off.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    if (is_positional) return CLI::Formatter::make_option_name(option, true);
    std::string shown;
    for (const std::string& letter : option->get_snames()) shown += "-" + letter + ",";
    for (const std::string& name : option->get_lnames()) {
      const bool is_first = name == option->get_lnames().front();
      if (is_first || name.starts_with("no-")) shown += "--" + name + ",";
    }
    return shown.substr(0, shown.size() - 1);
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string& text = option->get_option_text();
    return text.empty() ? "" : " " + text;
  }
};

constexpr const char* kFooter =
    R"(Results go to standard output, everything else to standard error.

Exit codes:
  0    success
  1    internal error
  2    usage error
  3    data missing or corrupt
  4    training diverged
  5    model or checkpoint unusable
  6    accuracy below --min-accuracy
  7    output could not be written
  130  stopped by SIGINT
  143  stopped by SIGTERM, SIGHUP, SIGXCPU, SIGUSR1 or SIGUSR2)";

std::string help_of(const CLI::App& app) {
  std::string help = app.help();
  for (std::size_t at = 0; (at = help.find("\n\n\n", at)) != std::string::npos;) {
    help.erase(at, 1);  // CLI11 leaves two empty lines between groups
  }
  return help;
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
  CommandLine line;
  CLI::App app{"Train a multilayer perceptron on MNIST and test it.", "mnist-train"};
  app.formatter(std::make_shared<HelpFormatter>());
  add_main_options(app, line);
  add_commands(app, line);
  app.footer(kFooter);
  const bool lists_recipes = arguments == std::vector<std::string>{"--recipe"};
  if (lists_recipes || !take_arguments(app, arguments)) {
    line.text = lists_recipes ? recipe_list() : help_of(app);
    return line;
  }
  for (const CLI::App* command : app.get_subcommands()) line.command = command->get_name();
  const CLI::App& place = place_of_options(app);
  Given given = given_to(place);
  if (&place == &app) {
    if (!line.config.empty()) take_config(app, line.config, given);
    if (line.recipe) {
      line.options.recipe = kRecipes.at(*line.recipe);
      take_recipe(app, *line.options.recipe);
    }
  } else if (const Given before = given_to(app); !before.empty()) {
    fail(ErrorKind::kUsage, "{1} must come after {0}", place.get_name(), before.begin()->first);
  }
  if (line.command == "show") {
    check_show(line.show, given);
  } else {
    check_run(line.options, given);
  }
  line.arguments = arguments;
  if (given.contains("--index") && !given.contains("--count")) line.show.count = 1;
  // A config file's --patience, which the command line has left without effect.
  if (line.options.data.validation == 0) line.options.training.patience.reset();
  if (line.prints_config) line.text = to_toml(settings(line.options));
  return line;
}

std::vector<Setting> settings(const Options& options) {
  CommandLine line;
  line.options = options;
  AugmentOptions& augment = line.options.training.augment;
  augment.translate = augment.largest_translation();
  std::string& dir = line.options.data.dir;
  if (!dir.empty()) dir = directory_path(dir).string();
  CLI::App app;
  add_main_options(app, line);
  std::vector<Setting> settings;
  for (CLI::Option* option : app.get_options({})) {
    const std::string name = option->get_name();
    if (!option->get_configurable() || !applies(name, augment.kind)) continue;
    const std::string value = option->capture_default_str()->get_default_str();
    if (!value.empty()) settings.push_back({name.substr(2), value});
  }
  return settings;
}

}  // namespace mnist
