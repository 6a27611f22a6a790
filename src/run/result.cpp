#include "run/result.h"

#include <torch/version.h>

#include <nlohmann/json.hpp>

#include "base/json_line.h"
#include "base/settings.h"
#include "cli/cli.h"
#include "mnist_train/metrics.h"
#include "run/run_directory.h"

namespace mnist {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kCompleted = "completed";

const char* status_name(Status status) {
  switch (status) {
    case Status::kCompleted:
      return kCompleted;
    case Status::kInterrupted:
      return "interrupted";
    case Status::kDiverged:
      return "diverged";
    case Status::kBelowMinAccuracy:
      return "below-min-accuracy";
  }
  return "";
}

const char* stop_name(Stop stop) {
  switch (stop) {
    case Stop::kEpochs:
      return "epochs";
    case Stop::kPatience:
      return "patience";
    case Stop::kMaxTime:
      return "max-time";
    case Stop::kAsked:
      return "signal";
    case Stop::kDiverged:
      return "divergence";
  }
  return "";
}

Json config(const Options& options) {
  Json json = Json::object();
  for (const Setting& setting : settings(options)) json[setting.name] = Json::parse(setting.value);
  return json;
}

/// The counts, their quotient and its interval.
Json score(std::int64_t correct, std::int64_t total) {
  const Interval interval = wilson_interval(correct, total);
  return {{"accuracy", accuracy(correct, total)},
          {"correct", correct},
          {"total", total},
          {"ci95", {interval.low, interval.high}}};
}

Json to_json(const Evaluation& evaluation) {
  const ConfusionMatrix& confusion = evaluation.confusion;
  Json json{{"loss", evaluation.loss}};
  json.update(score(confusion.correct(), confusion.total()));
  for (std::int64_t digit = 0; digit < kDigits; ++digit) {
    Json row{{"digit", digit}};
    row.update(score(confusion.correct(digit), confusion.total(digit)));
    json["per_digit"].push_back(row);
  }
  json["confusion"] = confusion.counts;
  return json;
}

Json or_null(const std::optional<Evaluation>& evaluation) {
  return evaluation ? to_json(*evaluation) : Json();
}

}  // namespace

std::string to_json(const RunResult& result) {
  Json json{{"schema", kResultSchema}, {"status", status_name(result.status)}};
  json["stopped_by"] = stop_name(result.outcome.stop);
  json["config"] = config(result.options);
  json["data"] = {{"dir", result.data_dir},
                  {"train", result.train_images},
                  {"validation", result.validation_images},
                  {"test", result.test_images}};
  json["epochs"] = result.epochs;
  json["chosen"] = nullptr;
  json["train_loss"] = nullptr;
  if (result.epochs > 0) {
    json["chosen"] = {{"epoch", result.best_epoch.value_or(result.epochs)},
                      {"by", result.best_epoch ? "validation" : "last epoch"}};
    json["train_loss"] = result.train_loss;
  }
  json["validation"] = or_null(result.validation);
  json["test"] = or_null(result.test);
  json["seconds"] = result.outcome.seconds;
  json["images_per_second"] = result.outcome.images_per_second;
  json["engine"] = result.engine;
  json["device"] = "cpu";
  json["threads"] = result.options.training.threads;
  json["version"] = MNIST_TRAIN_VERSION;
  json["libtorch"] = TORCH_VERSION;
  return json_line(json);
}

std::string to_json(const Evaluation& evaluation, const std::string& model,
                    const std::string& data_dir) {
  Json json{{"schema", "mnist-train-eval/1"}, {"model", model}};
  json["data"] = {{"dir", data_dir}, {"test", evaluation.confusion.total()}};
  json["test"] = to_json(evaluation);
  json["version"] = MNIST_TRAIN_VERSION;
  json["libtorch"] = TORCH_VERSION;
  return json_line(json);
}

std::string to_json(const EpochResult& result) {
  Json json{{"epoch", result.epoch},
            {"train_loss", result.loss},
            {"seconds", result.seconds},
            {"images_per_second", result.images_per_second}};
  if (result.validation) {
    const ConfusionMatrix& confusion = result.validation->confusion;
    json["validation_loss"] = result.validation->loss;
    json["validation_accuracy"] = accuracy(confusion.correct(), confusion.total());
  }
  return json_line(json);
}

std::optional<Evaluation> test_of_completed_run(const std::string& json, const Options& options,
                                                const std::string& data_dir) {
  try {
    const Json stored = Json::parse(json);
    if (stored.at("schema") != kResultSchema || stored.at("status") != kCompleted)
      return std::nullopt;
    if (stored.at("config") != config(options)) return std::nullopt;
    if (stored.at("data").at("dir") != data_dir) return std::nullopt;
    const Json& test = stored.at("test");
    Evaluation evaluation{test.at("loss"), {}};
    test.at("confusion").get_to(evaluation.confusion.counts);
    return evaluation;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace mnist
