# SPDX-License-Identifier: ISC
"""Train a model.

    train.py CONFIG.toml --data SET --out RUN [--foreign SET] [--resume] [--steps N] [--threads 1]
             [--from MODEL.ts [--only-decoder]]

RUN/last.pt is the state to go on from; RUN/samples/ hears and shows held-out pieces, the original
first, what the model makes of it second.
"""

import argparse
import ctypes
import os
import time
from pathlib import Path

import numpy as np
import torch

import audio
import config as configs
import judges
import losses
import picture
import tones
import struck
import trained
from dataset import Pieces
from model import FADE_DB, Codec

SKIP = 8  # the first 1/SKIP of an excerpt is warming up
Part = tuple[float, torch.Tensor]  # a loss and its weight
HEARD_DB = -65.0  # a frame under this level says nothing about timbre


def keep_memory() -> None:
    """Have glibc keep freed blocks: asking the system anew each step doubles a step's time."""
    trim_threshold, top_pad, mmap_max = -1, -2, -4
    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(mmap_max, 0)
        libc.mallopt(trim_threshold, 2**31 - 1)
        libc.mallopt(top_pad, 2**28)
    except (OSError, AttributeError):
        return  # another C library: only slower


class Trainer:
    def __init__(self, config: configs.Config, data: Path, out: Path, foreign: Path | None):
        self.config, self.out = config, out
        torch.manual_seed(config.train.seed)
        self.rng = np.random.default_rng(config.train.seed)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.train, self.valid = Pieces(data, "train"), Pieces(data, "valid")
        self.foreign = Pieces(foreign, "train") if foreign else None
        if self.train.about["rate"] != config.model.rate:
            raise SystemExit(f"{data} is not at {config.model.rate} Hz: prepare it at that rate.")
        self.codec = Codec(config.model).to(self.device)
        if config.model.pitched:
            weights = torch.load(Path(__file__).with_name("pitch.pt"), map_location=self.device)
            self.codec.encoder.pitch.salience.load_state_dict(weights)
            self.codec.encoder.pitch.requires_grad_(False)
        self.judges = judges.Judges(config.train.judge_sizes, config.train.judge_channels)
        self.judges = self.judges.to(self.device)
        learning = [p for p in self.codec.parameters() if p.requires_grad]
        self.optimiser = torch.optim.Adam(learning, config.train.rate, (0.8, 0.99))
        self.judge_optimiser = torch.optim.Adam(self.judges.parameters(), 2e-4, (0.5, 0.9))
        self.scaler = torch.cuda.amp.GradScaler(enabled=self.device.type == "cuda")
        self.step, self.seconds, self.means, self.turned = 0, 0.0, {}, False
        timbre = config.model.latents - config.model.explicit
        self.own = torch.eye(timbre, timbre + 1, device=self.device).roll(1, 1)

    def excerpts(self) -> torch.Tensor:
        settings, hop = self.config.train, self.config.model.hop
        length = int(settings.seconds * self.config.model.rate) // hop * hop
        return self.train.excerpts(self.rng, settings.batch, length).to(self.device)

    def measure_scales(self) -> None:
        """Bring pitch, clearness and level to mean 0 and variance 1 over the training set."""
        rows = []
        with torch.no_grad():
            for _ in range(max(1, 64 // self.config.train.batch)):
                values, _ = self.codec.measure(self.excerpts())
                rows.append(values.permute(1, 0, 2).reshape(values.shape[1], -1))
        values = torch.cat(rows, 1)
        heard = values[:, values[-1] > HEARD_DB]
        self.codec.mean.copy_(heard.mean(1).reshape(1, -1, 1))
        self.codec.scale.copy_(heard.std(1).reshape(1, -1, 1))
        if self.config.model.pitched:
            clear = heard[:, heard[1] > 0.5]
            if clear.shape[1] < 100:
                raise SystemExit(
                    "Hardly any sound of the set has a clear pitch: set pitched = false."
                )
            self.codec.mean[0, 0] = clear[0].mean()
            self.codec.scale[0, 0] = clear[0].std().clamp(min=0.25)

    def tilted(self, features: torch.Tensor) -> torch.Tensor:
        """The features as foreign input might have them: tilted, and with bands missing."""
        model = self.config.model
        place = torch.linspace(0.0, np.pi, model.bands, device=self.device).reshape(1, -1, 1)
        shift = torch.zeros(features.shape[0], model.bands, 1, device=self.device)
        for wave in (1.0, 2.0, 3.0):
            shift = shift + torch.randn_like(shift[:, :1]) * torch.cos(wave * place)
        some = (torch.rand_like(shift[:, :1]) < 0.6).float()
        shift = shift * some * (self.config.train.tilt / 20.0)
        gaps = (torch.rand_like(shift) < 0.4) & (torch.rand_like(shift[:, :1]) < 0.4)
        shift = shift - gaps * torch.rand_like(shift) * (self.config.train.gaps / 20.0)
        return (features + shift.repeat(1, model.band_parts, 1)).clamp(-3.0, 1.5)

    def foreign_excerpts(self, count: int, length: int) -> torch.Tensor:
        """Tones of random spectra, and excerpts of the foreign set where there is one."""
        made, _, _ = tones.exercise(count // 2, length, self.config.model.rate)
        parts = [0.2 * made.unsqueeze(1)]
        if self.foreign:
            parts.append(self.foreign.excerpts(self.rng, count - count // 2, length))
        return torch.cat(parts).to(self.device)

    def mismatch(self, mean: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """How far foreign sounds' timbre latents are from where the own ones lie.

        The decoder knows only the own sounds' latents: there, it makes its own class of sounds.
        """
        heard = mean.detach().permute(1, 0, 2)[:, values[:, -1] > HEARD_DB]
        if heard.shape[1] > 0:
            self.own += 0.01 * (losses.moments(heard) - self.own)
        with torch.no_grad():
            count, length = values.shape[0], values.shape[-1] * self.config.model.hop
            # Of what is measured only the level is asked for: a pitch would take a third of the step.
            sound, encoder = self.foreign_excerpts(count, length), self.codec.encoder
            level = encoder.level(sound)
            features = self.tilted(encoder.features(sound, level))
        with self.mixed():
            other, _ = self.codec.encoder.shape(features)
        other = other.float().permute(1, 0, 2)[:, level[:, 0] > HEARD_DB]
        # In units of the own spread, or shrinking all latents would help.
        spread = torch.sqrt(torch.diagonal(self.own[:, 1:]) + 1e-3)
        units = torch.cat([torch.ones_like(spread[:1]), spread]) * spread.unsqueeze(1)
        return ((losses.moments(other) - self.own) / units).square().sum()

    def astray(self, y: torch.Tensor, sound: torch.Tensor) -> torch.Tensor:
        """How far the gliders are from what is strongest in their ranges, in octaves.

        A spectral distance alone does not lead a sine to a far frequency.
        """
        model, late = self.config.model, self.config.model.delay
        with torch.no_grad():
            wanted, weight = struck.strongest(sound, model.rate, model.hop, late, model.gliders)
        return (weight * (self.codec.decoder.places(y) - wanted).abs()).mean()

    def unfaded(
        self, y: torch.Tensor, own: torch.Tensor, sound: torch.Tensor
    ) -> torch.Tensor:
        """How far fading is from none for own sounds, and from a hit's decay for foreign ones."""
        count, _, length = sound.shape
        other = self.foreign_excerpts(max(2, count // 2), length)
        values, timbre = self.encode_as_played(other)
        first = self.config.model.explicit - 1
        level = values[:, first:]
        wanted = struck.fading(level, self.config.model.hop / self.config.model.rate)
        fading = self.codec.decoder.fading(self.answer(values, timbre), level)
        heard = (level > HEARD_DB).float()
        away = (heard * (fading - wanted).abs()).sum() / (1.0 + heard.sum())
        # What is the model's own is not faded at all: this counts more, or tails would flicker.
        return (away + 12.0 * self.codec.decoder.fading(y, own[:, first:]).mean()) / FADE_DB

    def mixed(self) -> torch.autocast:
        """Half precision for the networks where a GPU has it; synthesis stays in full."""
        on_gpu = self.device.type == "cuda"
        kind = torch.float16 if on_gpu else torch.bfloat16
        return torch.autocast(self.device.type, kind, enabled=on_gpu)

    def encode(self, sound: torch.Tensor, parts: dict[str, Part]) -> tuple[torch.Tensor, ...]:
        """Measured values and learned timbre, as they are while the encoder learns."""
        settings, codec = self.config.train, self.codec
        with torch.no_grad():
            values, features = codec.measure(sound)
            features = self.tilted(features)
        with self.mixed():
            mean, log_variance = codec.encoder.shape(features)
        mean, log_variance = mean.float(), log_variance.float()
        grown = min(1.0, self.step / max(1, settings.kl_steps))
        parts["kl"] = settings.kl * grown, losses.kl_divergence(mean, log_variance)
        if settings.match > 0.0:
            parts["match"] = settings.match, self.mismatch(mean, values)
        return values, mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)

    @torch.no_grad()
    def encode_as_played(self, sound: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The same of an encoder that learns no more, a little blurred."""
        z = self.codec.encode(sound)
        blur = self.config.train.blur * torch.randn_like(z)
        blur[:, : self.config.model.explicit] = 0.0
        return self.codec.learned(z + blur)

    def answer(self, values: torch.Tensor, timbre: torch.Tensor) -> torch.Tensor:
        with self.mixed():
            y = self.codec.decoder.net(self.codec.normal(values, timbre))
        return y.float()

    def judge(self, target: torch.Tensor, output: torch.Tensor, parts: dict[str, Part]) -> None:
        """Have a crop of the output judged, once the judges have learned a little by themselves."""
        settings = self.config.train
        length = min(int(settings.judged * self.config.model.rate), target.shape[-1])
        start = self.rng.integers(target.shape[-1] - length + 1)
        target, output = (x[..., start : start + length] for x in (target, output))
        parts["judges"] = 0.0, self.teach_judges(target, output.detach())
        if self.step < settings.adversarial_from + settings.judges_alone:
            return
        with torch.no_grad():
            real = self.judges(target)
        fake = self.judges(output)
        parts["deceit"] = settings.adversarial, judges.deceit(fake)
        parts["feature"] = settings.feature, judges.feature_distance(real, fake)

    def learn(self) -> dict[str, float]:
        """One step; returns the losses."""
        settings, model, codec = self.config.train, self.config.model, self.codec
        sound = self.excerpts()
        parts: dict[str, Part] = {}
        if settings.only_decoder:
            values, timbre = self.encode_as_played(sound)
        else:
            values, timbre = self.encode(sound, parts)
        y = self.answer(values, timbre)
        output = codec.decoder.render(y, *codec.controls(values))
        late, start = model.delay, sound.shape[-1] // SKIP
        target, output = sound[..., start:-late], output[..., start + late :]
        parts["spectral"] = 1.0, losses.spectral_distance(target, output)
        if model.gliders:
            parts["glide"] = settings.glide, self.astray(y, sound)
        if model.fade_held and settings.fade > 0.0:
            parts["fade"] = settings.fade, self.unfaded(y, values, sound)
        if 0 < settings.adversarial_from <= self.step:
            self.judge(target, output, parts)
        loss = sum(weight * value for weight, value in parts.values())
        self.optimiser.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimiser)
        torch.nn.utils.clip_grad_norm_(codec.parameters(), 2.0)
        for group in self.optimiser.param_groups:
            group["lr"] = settings.rate * 0.1 ** min(1.0, self.step / settings.steps)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.step += 1
        return {name: float(value) for name, (_, value) in parts.items()}

    def teach_judges(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        loss = judges.hinge(self.judges(real), self.judges(fake))
        self.judge_optimiser.zero_grad()
        loss.backward()
        self.judge_optimiser.step()
        return loss.detach()

    def save(self) -> None:
        """Write RUN/last.pt; a crash while writing leaves the one before."""
        state = {
            "config": self.config.plain(),
            "about": self.train.about,
            "step": self.step,
            "codec": self.codec.state_dict(),
            "judges": self.judges.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "judge_optimiser": self.judge_optimiser.state_dict(),
            "rng": self.rng.bit_generator.state,
            "torch_rng": torch.get_rng_state(),
            "seconds": self.seconds,
            "means": self.means,
            "own": self.own,
            "turned": self.turned,
        }
        torch.save(state, self.out / "next.pt")
        os.replace(self.out / "next.pt", self.out / "last.pt")

    def resume(self) -> None:
        state = torch.load(self.out / "last.pt", map_location=self.device)
        self.codec.load_state_dict(state["codec"])
        self.judges.load_state_dict(state["judges"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.judge_optimiser.load_state_dict(state["judge_optimiser"])
        self.rng.bit_generator.state = state["rng"]
        torch.set_rng_state(state["torch_rng"].cpu())
        self.step, self.means = state["step"], state["means"]
        self.own.copy_(state["own"])
        self.turned, self.seconds = state["turned"], state["seconds"]

    def begin_from(self, path: Path) -> None:
        """Take over the weights of a model or of another run."""
        state = trained.read(path)
        fresh = trained.take(self.codec, state["codec"])
        self.turned = self.config.train.only_decoder
        if self.turned and (not state["turned"] or any("encoder" in name for name in fresh)):
            raise SystemExit(f"Only an exported model with this encoder can keep it, not {path}.")
        self.codec.encoder.requires_grad_(not self.turned)
        if fresh:
            print(f"begun anew, the rest as in {path}: {', '.join(fresh)}")

    @torch.no_grad()
    def sample(self) -> None:
        """Write a few held-out pieces and what the model makes of them."""
        hop, rate = self.config.model.hop, self.config.model.rate
        for i in range(min(4, len(self.valid))):
            sound = self.valid.whole(i * len(self.valid) // 4)
            sound = sound[..., : sound.shape[-1] // hop * hop]
            made = self.codec(sound.to(self.device)).cpu()
            name = self.out / "samples" / f"{self.step:07}-{i}"
            pair = [sound[0, 0].numpy(), made[0, 0].numpy()]
            audio.save(name.with_suffix(".wav"), np.concatenate(pair), rate)
            picture.compare(name.with_suffix(".png"), pair, rate)

    def advance(self) -> None:
        """One step, its time and its losses counted."""
        began = time.monotonic()
        for name, value in self.learn().items():
            mean = self.means.get(name, value)
            self.means[name] = mean + 0.02 * (value - mean)
        self.seconds += time.monotonic() - began

    def run(self, steps: int) -> None:
        settings, began, first = self.config.train, self.seconds, self.step
        while self.step < steps:
            self.advance()
            if self.step % 50 == 0 or self.step == steps:
                parts = "  ".join(f"{name} {value:.4f}" for name, value in self.means.items())
                pace = (self.seconds - began) / (self.step - first)
                print(f"step {self.step}/{steps}  {parts}  {pace:.2f} s/step", flush=True)
            if self.step % settings.save_every == 0:
                self.save()
            if self.step % settings.sample_every == 0:
                self.sample()
        self.save()
        self.sample()


def use_threads(threads: int) -> None:
    torch.set_num_threads(threads)
    keep_memory()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--foreign", type=Path, help="a set of other sounds, to be turned into own")
    parser.add_argument("--from", dest="source", type=Path, help="begin with this model or run")
    parser.add_argument("--only-decoder", action="store_true", help="keep --from's encoder")
    parser.add_argument("--resume", action="store_true", help="go on from RUN/last.pt, if any")
    parser.add_argument("--steps", type=int, help="in place of the configuration's")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    use_threads(args.threads)
    config = configs.read(args.config)
    if args.steps:
        config.train.steps = args.steps
    config.train.only_decoder = args.only_decoder
    args.out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(config, args.data, args.out, args.foreign)
    if args.resume and (args.out / "last.pt").exists():
        trainer.resume()
    elif args.source:
        trainer.begin_from(args.source)
    else:
        trainer.measure_scales()
    trainer.run(config.train.steps)


if __name__ == "__main__":
    main()
