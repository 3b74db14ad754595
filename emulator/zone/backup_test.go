package zone

import (
	"testing"
	"time"

	"cwlab/emulator/stack"
)

func TestSessionGoesOnElsewhere(t *testing.T) {
	rule := func() *Rule {
		return &Rule{Name: "out", From: []string{"Trust"}, To: []string{"Untrust"}, Action: Pass}
	}
	a, b := newFirewall(t, rule()), newFirewall(t, rule())
	out, back := udp(inside, outside, 1000, 53), udp(outside, inside, 53, 1000)
	if got := a.send("if1", "if2", out); got != stack.Accept {
		t.Fatalf("the first packet gets %v", got)
	}
	if got := b.send("if2", "if1", back); got == stack.Accept {
		t.Fatal("an answer passes without a session")
	}
	saved, ok := a.e.Save(a.e.Sessions()[0])
	if !ok || saved.State != UDPOpen || saved.Life != 30*time.Second || saved.FromZone != "Trust" {
		t.Fatalf("saved %+v, %v", saved, ok)
	}
	s := b.e.Adopt(saved)
	if s.Rule != b.e.Rules()[0] {
		t.Errorf("the copy has the rule %v before its first packet", s.Rule)
	}
	if got := b.send("if2", "if1", back); got != stack.Accept || s.State != UDPReady || s.Back.Packets != 1 || s.Rule == nil {
		t.Errorf("the answer gets %v, the session is %+v", got, s)
	}
	if again := b.e.Adopt(saved); again != s || len(b.e.Sessions()) != 1 || s.State != UDPOpen {
		t.Errorf("adopted twice there are %d sessions", len(b.e.Sessions()))
	}
	b.e.EndOf(saved)
	b.e.EndOf(saved)
	if got := b.send("if2", "if1", back); got == stack.Accept || len(b.e.Sessions()) != 0 {
		t.Errorf("after its end the answer gets %v", got)
	}
	b.e.Adopt(saved)
	b.h.RunUntil(start.Add(31 * time.Second))
	if n := len(b.e.Sessions()); n != 0 {
		t.Errorf("%d sessions outlive their time", n)
	}
}

func TestAdoptedSessionObeysThePolicy(t *testing.T) {
	a := newFirewall(t, &Rule{Name: "out", From: []string{"Trust"}, To: []string{"Untrust"}, Action: Pass})
	b := newFirewall(t) // no rule lets it pass
	a.send("if1", "if2", udp(inside, outside, 1000, 53))
	saved, _ := a.e.Save(a.e.Sessions()[0])
	b.e.Adopt(saved)
	if got := b.send("if2", "if1", udp(outside, inside, 53, 1000)); got == stack.Accept {
		t.Error("the copy passes what the policy here does not")
	}
}

func TestOwnSessionsAreNotSaved(t *testing.T) {
	f := newFirewall(t, &Rule{Name: "in", From: []string{"Trust"}, To: []string{Local}, Action: Pass})
	f.send("if1", "", udp(inside, outside, 1000, 53))
	if _, ok := f.e.Save(f.e.Sessions()[0]); ok {
		t.Error("a session to the device itself is saved")
	}
}
