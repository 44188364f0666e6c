(window.fftData??={})["parts-20261123T164010Z-8000"]=JSON.parse('{"parts":[],"nodes":{}}');
