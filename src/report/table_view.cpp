#include <algorithm>
#include <cmath>
#include <optional>

#include "report/numbers.h"
#include "report/views.h"

namespace mnist {
namespace {

using nlohmann::json;

constexpr const char* kNoValue = "\u2013";

struct Fact {
  std::string name;
  std::string value = kNoValue;
  std::string detail = {};  ///< is shown smaller, below the value

  bool operator==(const Fact&) const = default;
};
using Facts = std::vector<Fact>;

/// The fact of this name about each run; one without a value for a run that has none.
Facts column(const std::string& name, const std::vector<Facts>& facts) {
  Facts result;
  for (const Facts& run : facts) {
    const auto found = std::ranges::find(run, name, &Fact::name);
    result.push_back(found == run.end() ? Fact{name} : *found);
  }
  return result;
}

/// What table.html shows: a list of the facts that are the same for all runs, and a table of those
/// that are not. All facts about a single run are in the list; all about several are in the table
/// if `is_table`.
json facts_view(const std::string& heading, const Runs& runs, const std::vector<Facts>& facts,
                bool is_table = false) {
  std::vector<std::string> names;
  for (const Facts& run : facts) {
    for (const Fact& fact : run) {
      if (std::ranges::find(names, fact.name) == names.end()) names.push_back(fact.name);
    }
  }
  json shared = json::array();
  json columns = json::array();
  json rows = json::array();
  for (std::size_t i = 0; i < runs.size(); ++i) rows.push_back(label(runs, i));
  for (const std::string& name : names) {
    const Facts values = column(name, facts);
    const bool is_same = std::ranges::count(values, values.front()) == std::ssize(values);
    if (is_same && values.front().value == kNoValue) continue;
    const bool is_shared = runs.size() == 1 || (is_same && !is_table);
    if (!is_shared) columns.push_back(name);
    for (std::size_t i = 0; i < (is_shared ? 1 : runs.size()); ++i) {
      (is_shared ? shared : rows[i]["cells"])
          .push_back({{"name", name}, {"text", values[i].value}, {"detail", values[i].detail}});
    }
  }
  return {{"heading", heading},
          {"rows", columns.empty() ? json() : json{{"columns", columns}, {"list", rows}}},
          {"shared", shared.empty() ? json() : json{{"list", shared}}}};
}

Fact accuracy_fact(const std::string& name, const std::optional<Evaluation>& evaluation) {
  if (!evaluation) return {name};
  const Score all = score(*evaluation);
  return {name, percent(all.share()), all.interval_text()};
}

Fact loss_fact(const std::string& name, const std::optional<double>& loss) {
  return {name, loss ? rounded(*loss, 4) : kNoValue};
}

std::optional<double> loss_of(const std::optional<Evaluation>& evaluation) {
  return evaluation ? std::optional(evaluation->loss) : std::nullopt;
}

}  // namespace

json results_view(const Runs& runs) {
  std::vector<Facts> facts;
  for (const RunRecord& run : runs) {
    const bool is_selected = run.chosen && run.chosen->by == "validation";
    const bool is_early =
        run.stopped_by == stop_name(Stop::kPatience) || run.stopped_by == stop_name(Stop::kMaxTime);
    const double speed = std::min(run.images_per_second, 1e18);  // so that it can be rounded
    facts.push_back({accuracy_fact("test accuracy", run.test),
                     loss_fact("test loss", loss_of(run.test)),
                     accuracy_fact("validation accuracy", run.validation),
                     loss_fact("validation loss", loss_of(run.validation)),
                     loss_fact("training loss", run.train_loss),
                     {"epochs", grouped(run.epochs),
                      is_selected ? "weights of epoch " + std::to_string(run.chosen->epoch) : ""},
                     {"training time", duration_text(run.seconds),
                      run.epochs > 0 ? grouped(std::llround(speed)) + " images/s" : ""},
                     {"status", run.status, is_early ? "stopped by " + run.stopped_by : ""}});
  }
  return facts_view("Results", runs, facts, true);
}

json options_view(const Runs& runs) {
  std::vector<Facts> facts(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].recipe) facts[i].push_back({"recipe", *runs[i].recipe});
    for (const Setting& option : runs[i].config) {
      facts[i].push_back({option.name, plain_value(option)});
    }
  }
  return facts_view("Options", runs, facts);
}

json environment_view(const Runs& runs) {
  std::vector<Facts> facts;
  for (const RunRecord& run : runs) {
    facts.push_back({{"mnist-train", run.version},
                     {"LibTorch", run.libtorch},
                     {"engine", run.engine},
                     {"device", run.device},
                     {"threads", grouped(run.threads)},
                     {"training images", grouped(run.train_images)},
                     {"validation images", grouped(run.validation_images)},
                     {"test images", grouped(run.test_images)},
                     {"data", run.data_dir}});
  }
  return facts_view("Environment", runs, facts);
}

}  // namespace mnist
