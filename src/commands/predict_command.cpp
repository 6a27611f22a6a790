#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <new>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/fail.h"
#include "base/file.h"
#include "base/json_line.h"
#include "base/text.h"
#include "commands/commands.h"
#include "digit/prepare_digit.h"
#include "image/image_file.h"
#include "mnist_train/evaluation.h"
#include "mnist_train/model_file.h"
#include "mnist_train/shape.h"
#include "terminal/console.h"
#include "terminal/display.h"
#include "terminal/gallery.h"
#include "train/prediction.h"

namespace mnist {
namespace {

using Json = nlohmann::ordered_json;

// A network is right about as often as it is sure, on digits like those that it has learnt.
constexpr double kSure = 0.6;
constexpr std::size_t kBatch = 1000;  // files that are read before their digits are printed

/// The result for one file.
struct FileAnswer {
  std::string file;
  GrayImage seen;  ///< what the network saw
  Prediction prediction;
  std::vector<std::string> doubts;  ///< why the prediction may be worth nothing
  std::string error;                ///< why there is no prediction; else empty
};

/// Adds the names that standard input lists: one a line or, as `find -print0` writes them, each
/// with a NUL after it.
void add_listed(std::vector<std::string>& files) {
  const std::string list(std::istreambuf_iterator<char>(std::cin), {});
  std::string name;
  for (const char letter : list + "\n") {
    if (letter != '\n' && letter != '\0') {
      name += letter;
      continue;
    }
    if (!name.empty() && name.back() == '\r') name.pop_back();
    if (!name.empty()) files.push_back(name);
    name.clear();
  }
}

std::vector<std::string> list_files(const std::vector<std::string>& arguments) {
  std::vector<std::string> files;
  for (const std::string& argument : arguments) {
    if (argument == "-") {
      add_listed(files);
    } else {
      files.push_back(argument);
    }
  }
  if (files.empty()) {
    fail(ErrorKind::kUsage, "predict: expected names of files on standard input, found none");
  }
  return files;
}

/// The digit in a file, as the network takes it.
PreparedDigit read_digit(const std::string& file) {
  const ColorImage image = read_image(file);
  try {
    return prepare_digit(image);
  } catch (const Error& error) {
    fail(error.kind(), "{}: {}; give one, drawn clearly", full_name(file), error.what());
  }
}

/// Reads a file; the prediction is yet to come.
FileAnswer read_answer(const std::string& file) {
  try {
    PreparedDigit digit = read_digit(file);
    return {file, std::move(digit.image), {}, std::move(digit.doubts), ""};
  } catch (const Error& error) {
    return {file, GrayImage(0, 0), {}, {}, error.what()};
  } catch (const std::bad_alloc&) {
    return {file, GrayImage(0, 0), {}, {}, full_name(file) + ": too large for the memory left"};
  }
}

/// Images of 28 x 28 as a data set has them: [N,784] uint8.
torch::Tensor to_tensor(const std::vector<const GrayImage*>& images) {
  torch::Tensor bytes =
      torch::empty({static_cast<std::int64_t>(images.size()), kPixels}, torch::kUInt8);
  auto* out = bytes.data_ptr<std::uint8_t>();
  for (const GrayImage* image : images) {
    out = std::copy(image->pixels.begin(), image->pixels.end(), out);
  }
  return bytes;
}

std::vector<FileAnswer> answer(const Mlp& model, std::span<const std::string> files) {
  std::vector<FileAnswer> answers;
  for (const std::string& file : files) answers.push_back(read_answer(file));
  std::vector<const GrayImage*> images;
  for (const FileAnswer& one : answers) {
    if (one.error.empty()) images.push_back(&one.seen);
  }
  if (images.empty()) return answers;
  const std::vector<Prediction> predictions = predict(compute_logits(model, to_tensor(images)));
  auto prediction = predictions.begin();
  for (FileAnswer& one : answers) {
    if (!one.error.empty()) continue;
    one.prediction = *prediction++;
    if (one.prediction.probability() < kSure) one.doubts.emplace_back("low probability");
  }
  return answers;
}

/// The number of characters in UTF-8: of all bytes that do not continue one.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

/// "seven.png  7   99.87 %  (9 0.10 %, 2 0.02 %)", with spaces after the name up to `width`; and
/// "  doubtful: several shapes".
std::string answer_line(const FileAnswer& answer, std::size_t width) {
  const auto& probabilities = answer.prediction.probabilities;
  const auto ranking = answer.prediction.ranking();
  const auto percent = [&](std::size_t place) { return 100 * probabilities.at(ranking.at(place)); };
  const std::string doubt =
      answer.doubts.empty() ? "" : fmt::format("  doubtful: {}", fmt::join(answer.doubts, ", "));
  return printable(answer.file) + std::string(width - width_of(answer.file), ' ') +
         fmt::format("  {}  {:6.2f} %  ({} {:.2f} %, {} {:.2f} %)", ranking[0], percent(0),
                     ranking[1], percent(1), ranking[2], percent(2)) +
         doubt;
}

void print(const std::vector<FileAnswer>& answers, const Display& display, bool show) {
  std::size_t width = 0;
  for (const FileAnswer& answer : answers) {
    if (answer.error.empty()) width = std::max(width, width_of(answer.file));
  }
  for (const FileAnswer& answer : answers) {
    if (!answer.error.empty()) {
      print_error(answer.error);
      continue;
    }
    write_out(answer_line(answer, width) + "\n");
    if (!show) continue;
    for (const std::string& line : draw(answer.seen, display.shades)) write_out(line + "\n");
  }
}

Json to_json(const FileAnswer& answer) {
  Json json{{"file", answer.file}};
  if (!answer.error.empty()) {
    json["error"] = answer.error;
    return json;
  }
  json["digit"] = answer.prediction.digit();
  json["probability"] = answer.prediction.probability();
  json["probabilities"] = answer.prediction.probabilities;
  if (!answer.doubts.empty()) json["doubt"] = fmt::format("{}", fmt::join(answer.doubts, ", "));
  return json;
}

}  // namespace

ExitCode predict_command(const PredictOptions& options) {
  const Mlp model = read_model(options.model);
  const std::vector<std::string> files = list_files(options.images);
  const Display display = display_of(STDOUT_FILENO);
  Json predictions = Json::array();
  bool failed = false;
  for (std::size_t begin = 0; begin < files.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, files.size() - begin);
    const std::vector<FileAnswer> answers = answer(model, std::span(files).subspan(begin, count));
    for (const FileAnswer& one : answers) {
      failed = failed || !one.error.empty();
      if (options.json) predictions.push_back(to_json(one));
    }
    if (!options.json) print(answers, display, options.show);
  }
  if (options.json) {
    const Json json{{"schema", "mnist-train-predict/1"},
                    {"model", options.model},
                    {"predictions", predictions}};
    write_out(json_line(json) + "\n");
  }
  return failed ? ExitCode::kData : ExitCode::kDone;
}

}  // namespace mnist
