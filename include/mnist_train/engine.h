#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mnist_train/data.h"
#include "mnist_train/metrics.h"
#include "mnist_train/model.h"
#include "mnist_train/options.h"

namespace mnist {

struct SparseImages;  // what the sparse engine makes of images; for others only to pass on

/// Called after each step with the number of images of this epoch that are done. Returns whether to
/// go on: if not, that ends the epoch. So does an exception, which train_epoch() then throws.
using StepCallback = std::function<bool(std::int64_t images_done)>;

/// What an engine finds out about images.
struct Tested {
  torch::Tensor logits;  ///< [N,10] float32
  Evaluation evaluation;
};

/// A way to train a model: stochastic gradient descent on the mean cross-entropy of each batch,
/// with the options' learning rate, label smoothing and distortion of images. An engine shares the
/// model, which stays in the memory of the processor, as all tensors here do, and keeps the images
/// to train on and to validate with.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual std::string name() const = 0;

  /// What it computes on: "cpu", or "cuda:0" and so on.
  virtual std::string device() const { return "cpu"; }

  /// The threads that train.
  virtual int threads() const = 0;

  /// Trains one epoch, in batches, of which the last one may be shorter. `epoch` counts from 1; the
  /// learning rate and the distortion of the images depend on it. `order` says which images it
  /// takes, in which order ([N] int64, indices of training images, N at most their number); without
  /// it, all in the order of the file. Returns the mean of the images' losses, each taken before
  /// its step, with label smoothing, in nats. Afterwards the model's parameters hold the result.
  /// Returns none if the callback has ended the epoch; the parameters are then unspecified.
  virtual std::optional<double> train_epoch(std::int64_t epoch,
                                            const std::optional<torch::Tensor>& order,
                                            const StepCallback& on_step) = 0;

  /// Tests the model on the validation images, as evaluate() of evaluation.h does, without label
  /// smoothing or distortion, except that an engine may round in another way. None if there are no
  /// such images. Changes nothing about training. To be called between epochs only.
  virtual std::optional<Evaluation> validate() = 0;

  /// Tests the model on other images in the same way. There must be some.
  virtual Tested test(const Dataset& data) = 0;

  /// Copies of what momentum keeps of each of the model's parameters, in their order and of their
  /// shapes; empty without momentum. To be called between epochs only.
  virtual std::vector<torch::Tensor> velocities() = 0;

  /// Makes training go on from such copies; from zeros if empty.
  virtual void set_velocities(const std::vector<torch::Tensor>& velocities) = 0;
};

/// Images in the form of the sparse engine. Null stands for a form that has not been made, or that
/// cannot be made because a pixel is not k/255. Several engines may share one.
struct SparseForms {
  std::shared_ptr<const SparseImages> train;
  std::shared_ptr<const SparseImages> validation;
};

/// Makes those of the training and the validation images, for programs that make several engines
/// for the same data.
SparseForms sparse_forms(const DataSplits& data);

/// The CUDA devices that LibTorch can compute on.
struct Gpus {
  int count = 0;
  std::string why_none;  ///< if there are none, as in "this LibTorch was built without CUDA"
};

/// Starts the driver, if LibTorch was built for CUDA and there is one.
Gpus find_gpus();

/// Whether batches and layers are so large that a GPU is several times as fast as the processor. A
/// network as small as the default one keeps a GPU waiting.
bool favours_gpu(const TrainingOptions& options);

/// The device that `name` stands for (see Options::device). "auto" is a GPU only if that is several
/// times as fast and the engine is not `sparse`. `find` is called only if the device may be a GPU.
/// Throws Error(kUsage) if there is no such device, or if the engine of this kind cannot use it.
torch::Device choose_device(const std::string& name, EngineKind kind,
                            const TrainingOptions& options,
                            const std::function<Gpus()>& find = find_gpus);

/// How much a step computes at once: the outputs of the widest layer for a whole batch.
std::int64_t widest_step(const TrainingOptions& options);

/// The engine that `kind` stands for where all pixels are k/255, as those of MNIST are: for kAuto
/// the one that is fastest with these options on this device.
EngineKind preferred_engine(EngineKind kind, const TrainingOptions& options,
                            torch::Device device = torch::kCPU);

struct EngineChoice {
  std::unique_ptr<Engine> engine;
  std::string reason;  ///< why this one, for the log
};

/// The engine that `kind` names, or for kAuto the one that is fastest, to train `model` on
/// `data.train` and validate it on `data.validation`. `forms` are those of `data`; the engine makes
/// what it needs of them if they are null. Throws Error(kUsage) if the engine that is named cannot
/// train on these images, or if the images are to be distorted and a pixel is not k/255.
EngineChoice make_engine(EngineKind kind, Mlp model, const DataSplits& data,
                         const TrainingOptions& options, SparseForms forms = {},
                         torch::Device device = torch::kCPU);

}  // namespace mnist
