#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "base/text.h"
#include "commands/commands.h"
#include "mnist_train/model.h"
#include "mnist_train/shape.h"
#include "mnist_train/train.h"
#include "picture/picture_file.h"
#include "picture/prepare_digit.h"
#include "terminal/console.h"
#include "terminal/gallery.h"

namespace mnist {
namespace {

using Json = nlohmann::ordered_json;

struct FileResult {
  std::string file;
  GrayImage input{0, 0};                    ///< of the network
  std::vector<double> probabilities;        ///< of each digit; their sum is 1
  std::vector<std::int64_t> ranking;        ///< the digits, the most probable first
  std::vector<std::string> low_confidence;  ///< why the prediction may be worth nothing
  std::string error;                        ///< why there is no prediction; else empty

  double probability(std::size_t place) const { return probabilities[ranking[place]]; }
};

/// The files that are named, and in place of "-" those that standard input lists, one a line.
std::vector<std::string> list_files(const std::vector<std::string>& arguments) {
  std::vector<std::string> files;
  for (const std::string& argument : arguments) {
    if (argument != "-") {
      files.push_back(argument);
      continue;
    }
    for (std::string file; std::getline(std::cin, file);) {
      if (file.ends_with('\r')) file.pop_back();
      if (!file.empty()) files.push_back(file);
    }
  }
  if (files.empty()) {
    fail(ErrorKind::kUsage, "predict: no file names on standard input");
  }
  return files;
}

PreparedDigit read_digit(const std::string& file) {
  const cv::Mat4b picture = read_picture(file);
  try {
    return prepare_digit(picture);
  } catch (const Error& error) {
    fail(error.kind(), "{}: {}", full_name(file), error.what());
  }
}

FileResult classify(const Mlp& model, const std::string& file) {
  FileResult result;
  result.file = file;
  try {
    PreparedDigit digit = read_digit(file);
    const torch::Tensor image =
        torch::from_blob(digit.image.pixels.data(), {1, kPixels}, torch::kUInt8);
    // In float64 two logits that differ never get the same probability.
    const torch::Tensor probabilities =
        torch::softmax(compute_logits(model, image).to(torch::kFloat64), 1)[0];
    const auto [sorted, ranking] = probabilities.sort(/*stable=*/true, 0, /*descending=*/true);
    for (std::int64_t i = 0; i < kDigits; ++i) {
      result.probabilities.push_back(probabilities[i].item<double>());
      result.ranking.push_back(ranking[i].item<std::int64_t>());
    }
    result.input = std::move(digit.image);
    result.low_confidence = std::move(digit.low_confidence);
    if (result.probability(0) < kSure) result.low_confidence.emplace_back("low probability");
  } catch (const Error& error) {
    result.error = error.what();
  }
  return result;
}

/// "seven.png  7   99.87 %  (9 0.10 %, 2 0.02 %)", with spaces after the name up to `width`; and
/// "  low confidence: several shapes".
std::string result_line(const FileResult& result, std::size_t width) {
  const auto percent = [&](std::size_t place) { return 100 * result.probability(place); };
  const std::vector<std::int64_t>& ranking = result.ranking;
  const std::string reasons =
      result.low_confidence.empty()
          ? ""
          : fmt::format("  low confidence: {}", fmt::join(result.low_confidence, ", "));
  return fmt::format("{:<{}}  {}  {:6.2f} %  ({} {:.2f} %, {} {:.2f} %){}", printable(result.file),
                     width, ranking[0], percent(0), ranking[1], percent(1), ranking[2], percent(2),
                     reasons);
}

Json to_json(const FileResult& result) {
  Json json{{"file", result.file}};
  if (!result.error.empty()) {
    json["error"] = result.error;
    return json;
  }
  json["digit"] = result.ranking.front();
  json["probability"] = result.probability(0);
  json["probabilities"] = result.probabilities;
  if (!result.low_confidence.empty()) json["low_confidence"] = result.low_confidence;
  return json;
}

}  // namespace

ExitCode predict_command(const PredictOptions& options) {
  const Mlp model = read_model(options.model);
  const std::vector<std::string> files = list_files(options.images);
  const bool has_grays = display_of(STDOUT_FILENO).has_grays;
  std::size_t width = 0;
  for (const std::string& file : files) width = std::max(width, file.size());
  Json predictions = Json::array();
  ExitCode code = ExitCode::kDone;
  for (const std::string& file : files) {
    const FileResult result = classify(model, file);
    if (!result.error.empty()) code = ExitCode::kData;
    if (options.json) {
      predictions.push_back(to_json(result));
    } else if (!result.error.empty()) {
      print_error(result.error);
    } else {
      write_out(result_line(result, width) + "\n");
      if (!options.show) continue;
      for (const std::string& line : draw(result.input, has_grays)) write_out(line + "\n");
    }
  }
  if (options.json) {
    const Json json{{"schema", "mnist-train-predict/2"},
                    {"model", options.model},
                    {"predictions", predictions}};
    write_out(json_line(json) + "\n");
  }
  return code;
}

}  // namespace mnist
