#include "report/report.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <set>

#include "base/template.h"
#include "report/confusion.h"
#include "report/digits.h"
#include "report/html.h"
#include "report/sections.h"
#include "report/summary.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using Runs = std::vector<StoredRun>;

/// The last `parts` parts of a path.
std::string tail(fs::path path, int parts) {
  fs::path result = path.filename();
  for (path = path.parent_path(); --parts > 0 && path.has_filename(); path = path.parent_path()) {
    result = path.filename() / result;
  }
  return result.string();
}

Runs with_names_that_differ(Runs runs) {
  constexpr int kDeepest = 16;  // the same folder given twice never differs
  for (int parts = 2; parts <= kDeepest; ++parts) {
    std::set<std::string> names;
    for (const StoredRun& run : runs) names.insert(run.name);
    if (names.size() == runs.size()) break;
    for (StoredRun& run : runs) run.name = tail(run.dir, parts);
  }
  return runs;
}

/// What each run has of something.
struct Row {
  std::string name;
  std::vector<std::string> values;
  bool marked = false;
};

bool differs(const Row& row) {
  return std::adjacent_find(row.values.begin(), row.values.end(), std::not_equal_to<>()) !=
         row.values.end();
}

Html value_cell(const std::string& name, const std::string& value, const std::string& columns) {
  constexpr std::size_t kLong = 16;  // characters: more get more room
  Attributes attributes;
  if (value.size() > kLong) attributes.push_back({"class", "long"});
  if (columns != "1") attributes.push_back({"colspan", columns});
  return element(name, attributes, value);
}

/// A list for one run.
Html value_list(const std::vector<Row>& rows) {
  Html content;
  for (const Row& row : rows) {
    const Html value = value_cell("dd", row.values.front(), "1");
    content += element("div", {}, element("dt", {}, row.name) + value) + "\n";
  }
  return element("dl", {}, "\n" + content);
}

/// A table for several; what they share stands in it once.
Html value_table(const Runs& runs, const std::string& name, const std::vector<Row>& rows) {
  Html heads = element("td", {}, {});
  for (std::size_t i = 0; i < runs.size(); ++i) heads += header_cell("col", run_label(runs, i));
  Html content = element("tr", {}, heads) + "\n";
  for (const Row& row : rows) {
    Html cells = header_cell("row", (row.marked ? "\u2260\u00a0" : "") + row.name);
    if (differs(row)) {
      for (const std::string& value : row.values) cells += value_cell("td", value, "1");
    } else {
      cells += value_cell("td", row.values.front(), std::to_string(runs.size()));
    }
    content += element("tr", {{"class", row.marked ? "differs" : "same"}}, cells) + "\n";
  }
  return scrolling_table(name, "values", content);
}

Html values(const Runs& runs, const std::string& name, const std::vector<Row>& rows) {
  return runs.size() == 1 ? value_list(rows) : value_table(runs, name, rows);
}

Html options_section(const Runs& runs) {
  std::vector<Row> rows;
  std::set<std::string> seen;
  for (const StoredRun& run : runs) {
    for (const Setting& setting : run.config) {
      if (!seen.insert(setting.name).second) continue;
      rows.push_back({setting.name, {}});
      for (const StoredRun& other : runs)
        rows.back().values.push_back(option_of(other, setting.name));
      rows.back().marked = differs(rows.back());
    }
  }
  const auto same =
      std::stable_partition(rows.begin(), rows.end(), [](const Row& row) { return row.marked; });
  std::string words;
  if (runs.size() > 1) {
    words = same == rows.begin() ? "The runs have the same options."
                                 : "Those in which the runs differ come first, marked \u2260.";
  }
  return section("Options", (words.empty() ? Html() : element("p", {}, words)) +
                                values(runs, "Options", rows));
}

template <typename Value>
Row row(const Runs& runs, const std::string& name, Value value) {
  Row result{name, {}};
  for (const StoredRun& run : runs) result.values.push_back(value(run));
  return result;
}

Html facts_section(const Runs& runs) {
  using Run = StoredRun;
  const std::vector<Row> rows{
      row(runs, "mnist-train", [](const Run& run) { return run.version; }),
      row(runs, "LibTorch", [](const Run& run) { return run.libtorch; }),
      row(runs, "engine", [](const Run& run) { return run.engine; }),
      row(runs, "device", [](const Run& run) { return run.device; }),
      row(runs, "threads", [](const Run& run) { return grouped(run.threads); }),
      row(runs, "training time", [](const Run& run) { return duration_text(run.seconds); }),
      row(runs, "images per second",
          [](const Run& run) {
            return grouped(std::llround(std::min(run.images_per_second, 1e18)));
          }),
      row(runs, "status", [](const Run& run) { return run.status; }),
      row(runs, "training images", [](const Run& run) { return grouped(run.train_images); }),
      row(runs, "validation images", [](const Run& run) { return grouped(run.validation_images); }),
      row(runs, "test images", [](const Run& run) { return grouped(run.test_images); }),
      row(runs, "data", [](const Run& run) { return run.data_dir; }),
  };
  return section("Versions and times", values(runs, "Versions and times", rows));
}

Html head(const std::string& title) {
  return void_element("meta", {{"charset", "utf-8"}}) + "\n" +
         void_element("meta",
                      {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}) +
         "\n" + void_element("meta", {{"name", "generator"}, {"content", "mnist-train"}}) + "\n" +
         void_element("meta", {{"http-equiv", "Content-Security-Policy"},
                               {"content",
                                "default-src 'none'; img-src data:; style-src 'unsafe-inline'"}}) +
         "\n" + void_element("meta", {{"name", "color-scheme"}, {"content", "light dark"}}) + "\n" +
         element("title", {}, title) + "\n" +
         element("style", {},
                 Html::trusted("\n" + std::string(embedded_file("report/report.css")))) +
         "\n";
}

}  // namespace

std::string report_page(const Runs& runs) {
  const Runs named = with_names_that_differ(runs);
  const bool one = named.size() == 1;
  const std::string title =
      one ? named.front().name
          : grouped(static_cast<std::int64_t>(named.size())) + " runs compared";
  const Html top =
      element("header", {}, element("p", {}, "mnist-train report") + element("h1", {}, title)) +
      "\n" + result_section(named);
  const Html body = top + options_section(named) + curves_section(named) + digits_section(named) +
                    confusion_section(named) + mistakes_section(named) + facts_section(named);
  const Html page = element("head", {}, "\n" + head(title + " \u2013 mnist-train report")) + "\n" +
                    element("body", {}, "\n" + element("main", {}, "\n" + body) + "\n") + "\n";
  return "<!DOCTYPE html>\n" + element("html", {{"lang", "en"}}, "\n" + page).markup() + "\n";
}

}  // namespace mnist
